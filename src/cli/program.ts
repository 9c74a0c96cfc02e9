import { Command } from "commander";
import { readVersion } from "../version.ts";
import { print, printError } from "./terminal/print.ts";

/**
 * The commands, in the order of `--help`. Each has a file in commands/, which is loaded for this command only: the imports of all commands take
 * longer than the start of a server.
 */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["up", async () => (await import("./commands/up.ts")).createUpCommand()],
  ["serve", async () => (await import("./commands/serve.ts")).createServeCommand()],
  ["train", async () => (await import("./commands/train.ts")).createTrainCommand()],
  ["import", async () => (await import("./commands/import.ts")).createImportCommand()],
  ["score", async () => (await import("./commands/score.ts")).createScoreCommand()],
  ["load", async () => (await import("./commands/load.ts")).createLoadCommand()],
  ["rules", async () => (await import("./commands/rules.ts")).createRulesCommand()],
  ["keys", async () => (await import("./commands/keys.ts")).createKeysCommand()],
  ["secrets", async () => (await import("./commands/secrets.ts")).createSecretsCommand()],
]);

/**
 * Creates the command line.
 * @param words its arguments. If the first one names a command, the program has only this command. @default all commands
 */
export async function createProgram(words: readonly string[] = []): Promise<Command> {
  const program = new Command("tepal")
    .description("Serve tabular machine-learning models over HTTP, with built-in monitoring")
    .version(readVersion(), "-v, --version", "Print the version")
    .helpOption("-h, --help", "Print this help")
    .helpCommand("help [command]", "Print the help of a command")
    .showSuggestionAfterError();
  const named = COMMANDS.get(words[0] ?? "");
  const creators = named === undefined ? [...COMMANDS.values()] : [named];
  const commands = await Promise.all(creators.map((create) => create()));
  for (const command of [program, ...commands]) {
    command.configureOutput({ writeOut: print, writeErr: printError }).exitOverride();
  }
  for (const command of commands) program.addCommand(command);
  return program;
}
