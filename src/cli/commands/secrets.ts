import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Command, Option } from "commander";
import { systemClock } from "../../kernel/clock.ts";
import { TepalError } from "../../kernel/errors.ts";
import { SECRETS, makeSecrets, readSecrets, type SecretName } from "../secrets/stack-secrets.ts";

/** The environment variable that gives a secret its value: `predict-key` is PREDICT_KEY. */
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
    .description("Makes and shows the secrets of the monitoring stack (docs/monitoring-stack.md)")
    .helpOption("-h, --help", "print this help");

  command
    .command("make")
    .description("Makes those that are missing; the others stay as they are")
    .addOption(createFolderOption())
    .exitOverride()
    .addHelpText(
      "after",
      `\nThe environment gives values of your own: ${Object.values(VARIABLES).join(", ")}`,
    )
    .action(async ({ folder: path }: { folder: string }) => {
      tell(await makeSecrets(path, readEnvironment(), readNow()));
    });

  command
    .command("show")
    .description("Prints them")
    .addOption(createFolderOption())
    .exitOverride()
    .action(async ({ folder: path }: { folder: string }) => {
      const secrets = await readSecrets(path);
      if (secrets.length === 0) {
        throw new TepalError(
          "INVALID_OPTION",
          `${path} has no secrets yet: \`tepal secrets make\` makes them`,
        );
      }
      for (const { name, value } of secrets) {
        process.stdout.write(`${name.padEnd(14)}  ${value}\n`);
      }
    });

  command
    .command("renew")
    .description("Makes one anew; the API takes a key on SIGHUP, and knows the old one until then")
    .argument("<name>", SECRETS.map(({ name }) => name).join(" | "))
    .addOption(createFolderOption())
    .exitOverride()
    .action(async (name: string, { folder: path }: { folder: string }) => {
      const secret = SECRETS.find((known) => known.name === name);
      if (secret === undefined) {
        const names = SECRETS.map((known) => known.name).join(", ");
        throw new TepalError("INVALID_OPTION", `There is no secret "${name}"; there is: ${names}`);
      }
      await rm(join(path, secret.path), { force: true });
      tell(await makeSecrets(path, readEnvironment(), readNow()));
    });
  return command;
}

function createFolderOption(): Option {
  return new Option("--folder <DIR>", "Folder that holds them")
    .env("TEPAL_SECRETS")
    .default("secrets");
}

function tell(written: readonly SecretName[]): void {
  const what = written.length === 0 ? "All secrets were there." : `Made: ${written.join(", ")}.`;
  process.stdout.write(`${what}\n`);
}

/** Values from the environment; an empty variable is one that is not set, as compose.yaml passes them on. */
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
