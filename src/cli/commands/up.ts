import { join } from "node:path";
import type { Command } from "commander";
import { OPTIONS, type Config } from "../../config/config.ts";
import { listModels, listVersions } from "../../model/artifact.ts";
import { resolveOptions } from "../../config/resolve-options.ts";
import { addDeclaredOptions } from "../options/declared-options.ts";
import { startLoadPageProcess } from "../load/load-page-process.ts";
import { readDemoRows } from "../server/demo-rows.ts";
import { startDemoTraffic } from "../server/demo-traffic.ts";
import { runServer } from "../server/run-server.ts";
import { createServerCommand } from "../server/server-command.ts";
import { UP_OPTIONS } from "../options/up-options.ts";
import { print } from "../terminal/print.ts";

/** `tepal up` runs the built-in monitor by default. */
const SERVER_OPTIONS = {
  ...OPTIONS,
  monitor: {
    type: "switch",
    default: true,
    help: "Disable the built-in monitor: no history, PromQL or alerts",
  },
} as const;

export function createUpCommand(): Command {
  const description =
    "Train the Iris example if there is no model, then serve, and start the load page";
  const command = createServerCommand("up", description, trainAndServe, SERVER_OPTIONS);
  addDeclaredOptions(command, UP_OPTIONS, { variables: false });
  return command
    .option("--no-load", "Do not start the load page")
    .option("--demo", "Send gentle traffic, with an outlier and an invalid row now and then");
}

async function trainAndServe(
  config: Config,
  flags: Readonly<Record<string, unknown>>,
): Promise<void> {
  const options = resolveOptions(UP_OPTIONS, { flags });
  if (!(await hasModel(config.models))) {
    print(`No model in ${config.models}. Training the Iris example…
`);
    // Loaded here, because a server that has a model does not need it.
    const { toIrisRequest, trainWithProgress } = await import("./train.ts");
    const { directory, report } = await trainWithProgress(toIrisRequest(config.models));
    print(`Wrote ${directory} in ${report.seconds.toFixed(1)} s.
`);
  }
  const hasLoadPage = flags["load"] !== false;
  const isDemo = flags["demo"] === true;
  // With port 0 the URL is not known yet.
  const isScraped = hasLoadPage && options.loadPort !== 0;
  await runServer(isScraped ? addLoadPage(config, options.loadPort) : config, {
    banner: true,
    beside: (url: string) => {
      const companions = new AsyncDisposableStack();
      if (hasLoadPage) companions.use(startLoadPageProcess(url, config, options));
      if (isDemo) {
        const readRows = readDemoRows.bind(undefined, url, config.models);
        companions.use(startDemoTraffic(url, options.loadKeyFile, readRows));
      }
      return companions;
    },
  });
}

/** Lets the monitor scrape the load page, and the console show it. */
function addLoadPage(config: Config, port: number): Config {
  const url = `http://127.0.0.1:${port}`;
  return {
    ...config,
    scrape: [...config.scrape, `loadtest=${url}/metrics`],
    loadPage: config.loadPage ?? url,
  };
}

async function hasModel(models: string): Promise<boolean> {
  const names = await listModels(models).catch(() => []);
  const versions = await Promise.all(names.map((name) => listVersions(join(models, name))));
  return versions.some((numbers) => numbers !== undefined && numbers.length > 0);
}
