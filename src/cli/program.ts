import { Command } from "commander";
import { readVersion } from "../version.ts";
import { createImportCommand } from "./commands/import.ts";
import { createKeysCommand } from "./commands/keys.ts";
import { createLoadCommand } from "./commands/load.ts";
import { createRulesCommand } from "./commands/rules.ts";
import { createScoreCommand } from "./commands/score.ts";
import { createSecretsCommand } from "./commands/secrets.ts";
import { createServeCommand } from "./commands/serve.ts";
import { createTrainCommand } from "./commands/train.ts";
import { createUpCommand } from "./commands/up.ts";
import { print, printError } from "./terminal/print.ts";

/** Creates the command line. Each command has a file in commands/. */
export function createProgram(): Command {
  const program = new Command("tepal")
    .description("Serve tabular machine-learning models over HTTP, with built-in monitoring")
    .version(readVersion(), "-v, --version", "Print the version")
    .helpOption("-h, --help", "Print this help")
    .helpCommand("help [command]", "Print the help of a command")
    .showSuggestionAfterError();
  const commands = [
    createUpCommand(),
    createServeCommand(),
    createTrainCommand(),
    createImportCommand(),
    createScoreCommand(),
    createLoadCommand(),
    createRulesCommand(),
    createKeysCommand(),
    createSecretsCommand(),
  ];
  for (const command of [program, ...commands]) {
    command.configureOutput({ writeOut: print, writeErr: printError }).exitOverride();
  }
  for (const command of commands) program.addCommand(command);
  return program;
}
