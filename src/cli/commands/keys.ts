import { Command } from "commander";
import { systemClock } from "../../kernel/clock.ts";
import { TepalError } from "../../kernel/errors.ts";
import { escapeLine } from "../../kernel/printable.ts";
import {
  ROLES,
  createKey,
  findWritableByOthers,
  readKeysFile,
  toWriterWarning,
  updateKeysFile,
  type Role,
} from "../../http/access/api-keys.ts";
import { print, printError } from "../terminal/print.ts";

const DEFAULT_FILE = "api-keys.json";

export function createKeysCommand(): Command {
  const command = new Command("keys")
    .description("Create, list and remove API keys")
    .helpOption("-h, --help", "Print this help");
  const file = [
    "--file <FILE>",
    "Keys file, as in --api-keys-file of the server",
    DEFAULT_FILE,
  ] as const;

  command
    .command("add")
    .description("Create a key and print it once; only its hash is stored")
    .requiredOption("--name <NAME>", "Name of the key's holder")
    .requiredOption(
      "--role <ROLE>",
      `${ROLES.join(" | ")}: predict, scrape /metrics, both, or everything`,
    )
    .option(...file)
    .exitOverride()
    .action(async ({ name, role, file: path }: { name: string; role: string; file: string }) => {
      const created = new Date(systemClock.nowMs()).toISOString();
      const { text, stored } = createKey(checkName(name), checkRole(role), created);
      await updateKeysFile(path, (keys) => [...keys, stored]);
      await warnAboutWriters(path);
      print(`${text}\n`);
      printError(
        `Added key ${stored.id} (${role}) for ${name} to ${path}. The key is not shown again. A running server accepts it within five seconds.\n`,
      );
    });

  command
    .command("list")
    .description("List the keys, without their secrets")
    .option(...file)
    .exitOverride()
    .action(async ({ file: path }: { file: string }) => {
      await warnAboutWriters(path);
      for (const { id, role, created, name } of await readKeysFile(path)) {
        print(`${id}  ${role.padEnd(7)}  ${escapeLine(created)}  ${escapeLine(name)}\n`);
      }
    });

  command
    .command("remove")
    .description("Remove a key by its id; a running server follows within five seconds")
    .argument("<id>", "Id of the key, from `tepal keys list`")
    .option(...file)
    .exitOverride()
    .action(async (id: string, { file: path }: { file: string }) => {
      await updateKeysFile(path, (keys) => {
        const kept = keys.filter((key) => key.id !== id);
        if (kept.length < keys.length) return kept;
        const ids = keys.map((key) => key.id).join(", ") || "no keys";
        const message = `Expected the id of a key in ${path}: ${ids}, got ${JSON.stringify(id)}.`;
        throw new TepalError("INVALID_OPTION", message);
      });
      await warnAboutWriters(path);
    });
  return command;
}

async function warnAboutWriters(path: string): Promise<void> {
  for (const found of await findWritableByOthers(path))
    printError(`warning: ${toWriterWarning(found)}\n`);
}

function checkRole(given: string): Role {
  const role = ROLES.find((known) => known === given);
  if (role !== undefined) return role;
  throw new TepalError(
    "INVALID_OPTION",
    `Invalid option --role: Expected one of: ${ROLES.join(", ")}, got ${JSON.stringify(given)}.`,
  );
}

function checkName(given: string): string {
  const isPrintable = escapeLine(given) === given;
  if (given.length >= 1 && given.length <= 100 && isPrintable) return given;
  const got = isPrintable ? given.length : JSON.stringify(given.slice(0, 100));
  throw new TepalError(
    "INVALID_OPTION",
    `Invalid option --name: Expected 1 to 100 characters without control characters, got ${got}.`,
  );
}
