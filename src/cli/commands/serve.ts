import { Command } from "commander";
import { OPTIONS } from "../../config/config.ts";
import { loadConfig } from "../../config/load-config.ts";
import { addDeclaredOptions } from "../declared-options.ts";
import { runServer } from "../run-server.ts";

export function createServeCommand(): Command {
  const command = new Command("serve")
    .description("Serves the models of a folder")
    .helpOption("-h, --help", "print this help")
    .option(
      "--config <FILE>",
      "JSON file with options (default: tepal.config.json, when it is there)",
    );
  addDeclaredOptions(command, OPTIONS, { variables: true });
  return command.action(async ({ config: file, ...flags }: ServeFlags) => {
    const config = await loadConfig(file, { flags, environment: process.env });
    await runServer(config, { banner: process.stdout.isTTY });
  });
}

/** Flags as commander gives them: texts by option name. */
export interface ServeFlags {
  readonly config?: string;
  readonly [flag: string]: string | undefined;
}
