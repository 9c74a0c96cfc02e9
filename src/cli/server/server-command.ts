import { Command } from "commander";
import { OPTIONS, type Config } from "../../config/config.ts";
import { CONFIG_FILE, loadConfig, type ServerDeclarations } from "../../config/load-config.ts";
import { addDeclaredOptions } from "../options/declared-options.ts";

/**
 * Creates a command with the server's options, from flags, the environment and a file.
 * @param run called with the configuration and the flags, which may include options of the command itself
 * @param declarations the server's options, with the command's defaults
 */
export function createServerCommand(
  name: string,
  description: string,
  run: (config: Config, flags: Readonly<Record<string, unknown>>) => Promise<void>,
  declarations: ServerDeclarations = OPTIONS,
): Command {
  const command = new Command(name)
    .description(description)
    .helpOption("-h, --help", "Print this help")
    .option("--config <FILE>", `JSON file with options (default: ${CONFIG_FILE} if it exists)`);
  addDeclaredOptions(command, declarations, { variables: true });
  return command.action(async ({ config: file, ...flags }: Flags) => {
    const config = await loadConfig(file, { flags, environment: process.env }, declarations);
    await run(config, flags);
  });
}

/** The flags from commander: strings by option name. */
interface Flags {
  readonly config?: string;
  readonly [flag: string]: string | undefined;
}
