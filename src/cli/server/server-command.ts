import { Command } from "commander";
import { OPTIONS, type Config } from "../../config/config.ts";
import { CONFIG_FILE, loadConfig, type ServerDeclarations } from "../../config/load-config.ts";
import { addDeclaredOptions } from "../options/declared-options.ts";

/**
 * A command that takes the server's options, from flags, the environment and a file.
 * @param run is given the flags too, among which a command may have some of its own
 * @param declarations the options where the command has other defaults
 */
export function createServerCommand(
  name: string,
  description: string,
  run: (config: Config, flags: Readonly<Record<string, unknown>>) => Promise<void>,
  declarations: ServerDeclarations = OPTIONS,
): Command {
  const command = new Command(name)
    .description(description)
    .helpOption("-h, --help", "print this help")
    .option(
      "--config <FILE>",
      `JSON file with options (default: ${CONFIG_FILE}, when it is there)`,
    );
  addDeclaredOptions(command, declarations, { variables: true });
  return command.action(async ({ config: file, ...flags }: Flags) => {
    const config = await loadConfig(file, { flags, environment: process.env }, declarations);
    await run(config, flags);
  });
}

/** Flags as commander gives them: texts by option name. */
interface Flags {
  readonly config?: string;
  readonly [flag: string]: string | undefined;
}
