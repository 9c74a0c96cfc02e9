import { join } from "node:path";
import type { Command } from "commander";
import { listModels, listVersions } from "../../model/artifact.ts";
import { resolveOptions } from "../../config/resolve-options.ts";
import { addDeclaredOptions } from "../declared-options.ts";
import { startLoadPageProcess } from "../load-page-process.ts";
import { runServer } from "../run-server.ts";
import { createServerCommand } from "../server-command.ts";
import { UP_OPTIONS } from "../up-options.ts";
import { toIrisRequest, trainWithProgress } from "./train.ts";

export function createUpCommand(): Command {
  const description =
    "Trains the Iris example when there is no model yet, then serves, with the load test's page beside";
  const command = createServerCommand("up", description, async (config, flags) => {
    const options = resolveOptions(UP_OPTIONS, { flags });
    if (!(await hasModel(config.models))) {
      process.stdout.write(`No model in ${config.models} yet: training the Iris example.\n`);
      const { directory, report } = await trainWithProgress(await toIrisRequest(config.models));
      process.stdout.write(`Wrote ${directory} in ${report.seconds.toFixed(1)} s.\n`);
    }
    await runServer(config, {
      banner: true,
      ...(flags["load"] !== false && {
        beside: (address: string) => startLoadPageProcess(address, config, options),
      }),
    });
  });
  addDeclaredOptions(command, UP_OPTIONS, { variables: false });
  return command.option("--no-load", "Starts no load test's page");
}

async function hasModel(models: string): Promise<boolean> {
  const names = await listModels(models).catch(() => []);
  const versions = await Promise.all(names.map((name) => listVersions(join(models, name))));
  return versions.some((numbers) => numbers !== undefined && numbers.length > 0);
}
