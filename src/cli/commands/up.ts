import { join } from "node:path";
import { Command } from "commander";
import { OPTIONS } from "../../config/config.ts";
import { loadConfig } from "../../config/load-config.ts";
import { listModels, listVersions } from "../../model/artifact.ts";
import { addDeclaredOptions } from "../declared-options.ts";
import { runServer } from "../run-server.ts";
import type { ServeFlags } from "./serve.ts";
import { toIrisRequest, trainWithProgress } from "./train.ts";

export function createUpCommand(): Command {
  const command = new Command("up")
    .description("Trains the Iris example when there is no model yet, then serves")
    .helpOption("-h, --help", "print this help")
    .option(
      "--config <FILE>",
      "JSON file with options (default: tepal.config.json, when it is there)",
    );
  addDeclaredOptions(command, OPTIONS, { variables: true });
  return command.action(async ({ config: file, ...flags }: ServeFlags) => {
    const config = await loadConfig(file, { flags, environment: process.env });
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
  return versions.some((numbers) => numbers.length > 0);
}
