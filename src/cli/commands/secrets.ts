import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Command, Option } from "commander";
import { systemClock } from "../../kernel/clock.ts";
import { describeMismatch, toInputError } from "../../kernel/check.ts";
import { TepalError } from "../../kernel/errors.ts";
import { SECRETS, makeSecrets, readSecrets, type SecretName } from "../secrets/stack-secrets.ts";
import { print, printError } from "../terminal/print.ts";

/** Environment variables that set the values of secrets. */
const VARIABLES = {
  "predict-key": "PREDICT_KEY",
  "admin-key": "ADMIN_KEY",
  "metrics-key": "METRICS_KEY",
  "admin-password": "GRAFANA_ADMIN_PASSWORD",
  "webhook-url": "ALERT_WEBHOOK_URL",
  "load-key": "LOAD_KEY",
  "load-password": "LOAD_PASSWORD",
} as const satisfies Record<SecretName, string>;

export function createSecretsCommand(): Command {
  const command = new Command("secrets")
    .description("Create and show the secrets of the monitoring stack (docs/monitoring-stack.md)")
    .helpOption("-h, --help", "Print this help");

  command
    .command("make")
    .description("Create the missing secrets; existing ones do not change")
    .addOption(createFolderOption())
    .exitOverride()
    .addHelpText(
      "after",
      `\nEnvironment variables set values of your own: ${Object.values(VARIABLES).join(", ")}`,
    )
    .action(async ({ folder: path }: { folder: string }) => {
      await warnAboutEnvFile();
      printWritten(await makeSecrets(path, readEnvironment(), readNow()));
    });

  command
    .command("show")
    .description("Print all secrets")
    .addOption(createFolderOption())
    .exitOverride()
    .action(async ({ folder: path }: { folder: string }) => {
      const secrets = await readSecrets(path);
      if (secrets.length === 0) {
        throw new TepalError(
          "INVALID_OPTION",
          `${path} has no secrets. Create them with \`tepal secrets make\`.`,
        );
      }
      for (const { name, value } of secrets) {
        print(`${name.padEnd(14)}  ${value}\n`);
      }
    });

  command
    .command("renew")
    .description("Replace a secret; the API and the load page follow within five seconds")
    .argument("<name>", SECRETS.map(({ name }) => name).join(" | "))
    .addOption(createFolderOption())
    .exitOverride()
    .action(async (name: string, { folder: path }: { folder: string }) => {
      const secret = SECRETS.find((known) => known.name === name);
      if (secret === undefined) {
        const names = SECRETS.map((known) => known.name);
        const message = describeMismatch(`one of: ${names.join(", ")}`, name);
        throw toInputError("INVALID_OPTION", "argument", [{ at: "<name>", message }]);
      }
      await rm(join(path, secret.path), { force: true });
      printWritten(await makeSecrets(path, readEnvironment(), readNow()));
    });
  return command;
}

function createFolderOption(): Option {
  return new Option("--folder <DIR>", "Folder of the secrets")
    .env("TEPAL_SECRETS")
    .default("secrets");
}

function printWritten(written: readonly SecretName[]): void {
  const message = written.length === 0 ? "All secrets exist." : `Created: ${written.join(", ")}.`;
  print(`${message}\n`);
}

/** Warns if other users can read the .env of the working directory, whose values may be secrets. */
async function warnAboutEnvFile(): Promise<void> {
  const mode = (await stat(".env").catch(() => undefined))?.mode ?? 0;
  if (process.platform === "win32" || (mode & 0o077) === 0) return;
  printError("Other users can read .env, which may contain secrets. Run `chmod 600 .env`.\n");
}

/** Reads the values from the environment. Empty variables count as unset, since compose.yaml passes them so. */
function readEnvironment(): Partial<Record<SecretName, string>> {
  const given: Partial<Record<SecretName, string>> = {};
  for (const { name } of SECRETS) {
    const value = process.env[VARIABLES[name]];
    if (value !== undefined && value !== "") given[name] = value;
  }
  return given;
}

function readNow(): string {
  return new Date(systemClock.nowMs()).toISOString();
}
