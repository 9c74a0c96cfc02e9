import { join } from "node:path";
import type { Command } from "commander";
import { listModels, listVersions } from "../../model/artifact.ts";
import { runServer } from "../run-server.ts";
import { createServerCommand } from "../server-command.ts";
import { toIrisRequest, trainWithProgress } from "./train.ts";

export function createUpCommand(): Command {
  const description = "Trains the Iris example when there is no model yet, then serves";
  return createServerCommand("up", description, async (config) => {
    if (!(await hasModel(config.models))) {
      process.stdout.write(`No model in ${config.models} yet: training the Iris example.\n`);
      const { directory, report } = await trainWithProgress(await toIrisRequest(config.models));
      process.stdout.write(`Wrote ${directory} in ${report.seconds.toFixed(1)} s.\n`);
    }
    await runServer(config, { banner: true });
  });
}

async function hasModel(models: string): Promise<boolean> {
  const names = await listModels(models).catch(() => []);
  const versions = await Promise.all(names.map((name) => listVersions(join(models, name))));
  return versions.some((numbers) => numbers !== undefined && numbers.length > 0);
}
