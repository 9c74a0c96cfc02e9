import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeMismatch, SECRET, toInputError } from "../../kernel/check.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { createPassword } from "../../kernel/random.ts";
import {
  createKey,
  isKeyText,
  toHash,
  toStoredKey,
  updateKeysFile,
  type Role,
  type StoredKey,
} from "../../http/access/api-keys.ts";

/**
 * The secrets of the monitoring stack. Each service has its own folder, which is mounted into that service only.
 *
 *     api/api-keys.json         hashes of the keys, for --api-keys-file
 *     prometheus/metrics-key    API key that Prometheus sends to the API
 *     grafana/admin-password    password of Grafana's user admin
 *     alertmanager/webhook-url  URL that receives alerts
 *     loadtest/load-key         API key that the load test sends to the API
 *     loadtest/load-password    password of the load page; Prometheus has a copy, to scrape it
 *     user/predict-key, user/admin-key  API keys for users
 *
 * Any user can read the files of a service, because services run as different users; access is limited by mounting the
 * folder nowhere else. The keys for users and the hashes are readable by their owner only.
 */
export const SECRETS = [
  { name: "predict-key", path: "user/predict-key", mode: 0o400, role: "predict" },
  { name: "admin-key", path: "user/admin-key", mode: 0o400, role: "admin" },
  { name: "metrics-key", path: "prometheus/metrics-key", mode: 0o444, role: "metrics" },
  { name: "admin-password", path: "grafana/admin-password", mode: 0o444 },
  { name: "webhook-url", path: "alertmanager/webhook-url", mode: 0o444 },
  { name: "load-key", path: "loadtest/load-key", mode: 0o444, role: "load" },
  {
    name: "load-password",
    path: "loadtest/load-password",
    copy: "prometheus/load-password",
    mode: 0o444,
  },
] as const satisfies readonly {
  readonly name: string;
  readonly path: string;
  /** Path of a copy for another service. */
  readonly copy?: string;
  readonly mode: number;
  readonly role?: Role;
}[];
export type Secret = (typeof SECRETS)[number];
export type SecretName = Secret["name"];

/** Path of the keys file in the folder of secrets. */
export const KEYS_FILE = "api/api-keys.json";

/**
 * Default webhook URL. It points to Alertmanager itself, which replies 404: each notification is counted as failed and logged
 * with this URL, and none is retried.
 */
export const NO_WEBHOOK = "http://127.0.0.1:9093/no-webhook-url-is-set";

/**
 * Creates the missing secrets and keeps the others, so that it can run at each start. Completes an interrupted run: a key
 * without a stored hash gets one. Other keys in the keys file remain.
 * @param given values that replace existing ones
 * @param created creation time of new keys, ISO 8601, UTC
 * @returns the names of the secrets that were written, in the order of SECRETS
 * @throws TepalError INVALID_OPTION for an invalid value or keys file, CANNOT_WRITE
 */
export async function makeSecrets(
  folder: string,
  given: Partial<Record<SecretName, string>>,
  created: string,
): Promise<readonly SecretName[]> {
  for (const secret of SECRETS) checkGiven(secret, given[secret.name]);
  await makeFolder(folder, 0o700);
  const written: SecretName[] = [];
  const keysFile = join(folder, KEYS_FILE);
  const keys: { readonly name: SecretName; readonly role: Role; readonly text: string }[] = [];
  for (const secret of SECRETS) {
    const kept = await readSecret(folder, secret);
    const value = given[secret.name] ?? kept ?? createValue(secret, created);
    if (value !== kept) {
      await writeSecret(join(folder, secret.path), value, secret.mode);
      written.push(secret.name);
    }
    if ("copy" in secret && (await readText(join(folder, secret.copy))) !== value) {
      await writeSecret(join(folder, secret.copy), value, secret.mode);
    }
    if ("role" in secret) keys.push({ name: secret.name, role: secret.role, text: value });
  }
  // Last: a key without a hash gets one at the next start, but a hash without its key is useless.
  await makeFolder(dirname(keysFile), 0o755);
  await updateKeysFile(keysFile, (before) =>
    keys.reduce((all, { name, role, text }) => withKey(all, name, role, text, created), before),
  );
  return written;
}

/** Reads all secrets. Missing and damaged ones are left out. */
export async function readSecrets(
  folder: string,
): Promise<readonly { readonly name: SecretName; readonly value: string }[]> {
  const found = [];
  for (const secret of SECRETS) {
    const value = await readSecret(folder, secret);
    if (value !== undefined) found.push({ name: secret.name, value });
  }
  return found;
}

function checkGiven(secret: Secret, value: string | undefined): void {
  if (value === undefined || isUsable(secret, value)) return;
  const expected =
    "role" in secret
      ? "a key as printed by `tepal keys add`"
      : secret.name === "webhook-url"
        ? "a URL that starts with http:// or https://"
        : "at least 8 characters without line breaks";
  const message = describeMismatch(expected, SECRET);
  throw toInputError("INVALID_OPTION", "secret", [{ at: secret.name, message }]);
}

function isUsable(secret: Secret, value: string): boolean {
  if ("role" in secret) return isKeyText(value);
  if (secret.name === "webhook-url") return /^https?:\/\/\S+$/.test(value) && URL.canParse(value);
  return /^\S.{6,}\S$/.test(value);
}

function createValue(secret: Secret, created: string): string {
  if ("role" in secret) return createKey(secret.name, secret.role, created).text;
  return secret.name === "webhook-url" ? NO_WEBHOOK : createPassword();
}

/** Returns the keys with this one added, in place of an earlier one of the same secret. */
function withKey(
  keys: readonly StoredKey[],
  name: SecretName,
  role: Role,
  text: string,
  created: string,
): readonly StoredKey[] {
  const sha256 = toHash(text);
  if (keys.some((key) => key.sha256 === sha256 && key.role === role)) return keys;
  const owner = `stack: ${name}`;
  const others = keys.filter((key) => key.name !== owner);
  return [...others, toStoredKey(text, owner, role, created)];
}

/** Reads a secret. Returns undefined if it is missing or damaged. */
async function readSecret(folder: string, secret: Secret): Promise<string | undefined> {
  const text = await readText(join(folder, secret.path));
  return text !== undefined && isUsable(secret, text) ? text : undefined;
}

/** Reads a file. Returns undefined if it does not exist. */
function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new TepalError("INVALID_OPTION", `Cannot read ${path}: ${toMessage(cause)}`, { cause });
  });
}

/** Writes a secret atomically: readers see the old value or the new one. */
async function writeSecret(path: string, value: string, mode: number): Promise<void> {
  await makeFolder(dirname(path), 0o755);
  const temporary = `${path}.new`;
  try {
    // An interrupted run may have left it, already read-only.
    await rm(temporary, { force: true });
    {
      await using file = await open(temporary, "wx", 0o600);
      await file.writeFile(value);
      await file.chmod(mode);
      await file.sync();
    }
    await rename(temporary, path);
  } catch (cause) {
    throw new TepalError("CANNOT_WRITE", `Cannot write ${path}: ${toMessage(cause)}`, { cause });
  }
}

async function makeFolder(folder: string, mode: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode }).catch((cause: unknown) => {
    throw new TepalError("CANNOT_WRITE", `Cannot create ${folder}: ${toMessage(cause)}`, { cause });
  });
}
