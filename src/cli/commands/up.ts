import { join } from "node:path";
import type { Command } from "commander";
import { OPTIONS, type Config } from "../../config/config.ts";
import { listModels, listVersions } from "../../model/artifact.ts";
import { runServer } from "../run-server.ts";
import { createServerCommand } from "../server-command.ts";
import { toIrisRequest, trainWithProgress } from "./train.ts";

/** What shows dashboards needs something to show: here the monitor runs unless it is declined. */
const UP_OPTIONS = {
  ...OPTIONS,
  // Where `tepal load` shows what it does. Nobody need be there.
  scrape: { ...OPTIONS.scrape, default: ["loadtest=http://127.0.0.1:8089/metrics"] },
  monitor: {
    type: "switch",
    default: true,
    help: "Does not run the monitor built in: no history, no PromQL under /prometheus, no alerts",
  },
} as const;

export function createUpCommand(): Command {
  const description = "Trains the Iris example when there is no model yet, then serves";
  return createServerCommand("up", description, trainAndServe, UP_OPTIONS);
}

async function trainAndServe(config: Config): Promise<void> {
  if (!(await hasModel(config.models))) {
    process.stdout.write(`No model in ${config.models} yet: training the Iris example.\n`);
    const { directory, report } = await trainWithProgress(await toIrisRequest(config.models));
    process.stdout.write(`Wrote ${directory} in ${report.seconds.toFixed(1)} s.\n`);
  }
  await runServer(config, { banner: true });
}

async function hasModel(models: string): Promise<boolean> {
  const names = await listModels(models).catch(() => []);
  const versions = await Promise.all(names.map((name) => listVersions(join(models, name))));
  return versions.some((numbers) => numbers !== undefined && numbers.length > 0);
}
