import { access } from "node:fs/promises";
import { Command } from "commander";
import { systemClock } from "../../kernel/clock.ts";
import { TepalError } from "../../kernel/errors.ts";
import {
  ROLES,
  createKey,
  readKeysFile,
  writeKeysFile,
  type Role,
} from "../../http/access/api-keys.ts";

const DEFAULT_FILE = "api-keys.json";

export function createKeysCommand(): Command {
  const command = new Command("keys")
    .description("Makes, lists and removes the keys that clients of a server must send")
    .helpOption("-h, --help", "print this help");
  const file = [
    "--file <FILE>",
    "Keys file; the server takes it with --api-keys-file",
    DEFAULT_FILE,
  ] as const;

  command
    .command("add")
    .description("Makes a key and prints it, once: only its hash is stored")
    .requiredOption("--name <NAME>", "Who will have it, for people")
    .requiredOption(
      "--role <ROLE>",
      `${ROLES.join(" | ")}: ask models, scrape /metrics, both, everything`,
    )
    .option(...file)
    .exitOverride()
    .action(async ({ name, role, file: path }: { name: string; role: string; file: string }) => {
      const created = new Date(systemClock.nowMs()).toISOString();
      const { text, stored } = createKey(checkName(name), checkRole(role), created);
      await writeKeysFile(path, [...(await readIfThere(path)), stored]);
      process.stdout.write(`${text}\n`);
      process.stderr.write(
        `Key ${stored.id} (${role}) for ${name} is in ${path}. It is shown only now; a running server takes it on SIGHUP.\n`,
      );
    });

  command
    .command("list")
    .description("Lists the keys, without what is secret")
    .option(...file)
    .exitOverride()
    .action(async ({ file: path }: { file: string }) => {
      for (const { id, role, created, name } of await readKeysFile(path)) {
        process.stdout.write(`${id}  ${role.padEnd(7)}  ${created}  ${name}\n`);
      }
    });

  command
    .command("remove")
    .description("Removes a key by its id; a running server forgets it on SIGHUP")
    .argument("<id>", "As `tepal keys list` shows it")
    .option(...file)
    .exitOverride()
    .action(async (id: string, { file: path }: { file: string }) => {
      const keys = await readKeysFile(path);
      const kept = keys.filter((key) => key.id !== id);
      if (kept.length === keys.length) {
        throw new TepalError(
          "INVALID_OPTION",
          `${path} has no key ${id}; it has: ${keys.map((key) => key.id).join(", ")}`,
        );
      }
      await writeKeysFile(path, kept);
    });
  return command;
}

async function readIfThere(path: string): ReturnType<typeof readKeysFile> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  return isThere ? await readKeysFile(path) : [];
}

function checkRole(given: string): Role {
  const role = ROLES.find((known) => known === given);
  if (role !== undefined) return role;
  throw new TepalError(
    "INVALID_OPTION",
    `--role is "${given}"; one of ${ROLES.join(", ")} is expected`,
  );
}

function checkName(given: string): string {
  if (given.length >= 1 && given.length <= 100) return given;
  throw new TepalError("INVALID_OPTION", "--name has 1 to 100 characters");
}
