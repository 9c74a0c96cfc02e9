import { access, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { createPassword } from "../../kernel/random.ts";
import {
  createKey,
  isKeyText,
  readKeysFile,
  toHash,
  toStoredKey,
  writeKeysFile,
  type Role,
  type StoredKey,
} from "../../http/access/api-keys.ts";

/**
 * The secrets of the monitoring stack: one folder for each part, so that each can be mounted into that part alone.
 *
 *     api/api-keys.json       hashes of the keys, for --api-keys-file
 *     prometheus/metrics-key  what Prometheus sends to the API
 *     grafana/admin-password  of Grafana's user admin
 *     alertmanager/webhook-url  where alerts go
 *     loadtest/load-key       what the load test sends to the API
 *     loadtest/load-password  of the load test's page; Prometheus has it too, to scrape it
 *     user/predict-key, user/admin-key  for people
 *
 * What is in a part's folder may be read by whatever user that part runs as; what keeps others out is that the folder
 * is mounted nowhere else. The two of people, and the hashes, are readable by their owner alone.
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
  /** Where another part finds it. */
  readonly copy?: string;
  readonly mode: number;
  readonly role?: Role;
}[];
export type Secret = (typeof SECRETS)[number];
export type SecretName = Secret["name"];

/** Below the folder of secrets. */
export const KEYS_FILE = "api/api-keys.json";

/**
 * Where alerts go until somebody says: Alertmanager itself, which answers that it has nothing at that address. So each
 * notification is counted as failed and logged with this address, and none is tried again and again.
 */
export const NO_WEBHOOK = "http://127.0.0.1:9093/no-webhook-url-is-set";

/**
 * Makes the secrets that are missing and leaves the others as they are, so that it can be called at each start. What a
 * start that was cut off has left is completed: a key whose hash was not yet stored gets it. Other keys in the keys
 * file stay.
 * @param given secrets that are to have these values, also when others are there already
 * @param created ISO 8601, UTC
 * @returns the names of those that were written, in the order of SECRETS
 * @throws TepalError INVALID_OPTION for a given value or a keys file that cannot be used, CANNOT_WRITE
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
  let keys = (await isThere(keysFile)) ? await readKeysFile(keysFile) : [];
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
    if ("role" in secret) keys = withKey(keys, secret.name, secret.role, value, created);
  }
  // After the texts: a hash alone would be of no use to anybody, a text alone gets its hash at the next start.
  await writeKeysIfChanged(keysFile, keys);
  return written;
}

/** All secrets with their values; one that is not there, or is no longer whole, is left out. */
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
  const wanted =
    "role" in secret
      ? "a key as `tepal keys add` prints it is expected"
      : secret.name === "webhook-url"
        ? "an address that begins with http:// or https:// is expected"
        : "8 or more characters on one line are expected";
  throw new TepalError("INVALID_OPTION", `The given ${secret.name} cannot be used: ${wanted}`);
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

/** The keys with this one among them, and without the one that had its name and role before. */
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

async function writeKeysIfChanged(path: string, keys: readonly StoredKey[]): Promise<void> {
  const before = (await isThere(path)) ? await readKeysFile(path) : undefined;
  const isSame =
    before?.length === keys.length && keys.every(({ id }, index) => before[index]?.id === id);
  if (isSame) return;
  await makeFolder(dirname(path), 0o755);
  await writeKeysFile(path, keys);
}

/** Undefined when it is not there, or is not what it should be. */
async function readSecret(folder: string, secret: Secret): Promise<string | undefined> {
  const text = await readText(join(folder, secret.path));
  return text !== undefined && isUsable(secret, text) ? text : undefined;
}

/** Undefined when it is not there. */
function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new TepalError("INVALID_OPTION", `${path} cannot be read: ${toMessage(cause)}`, {
      cause,
    });
  });
}

/** In one step: whoever reads it sees the old value or the new one. */
async function writeSecret(path: string, value: string, mode: number): Promise<void> {
  await makeFolder(dirname(path), 0o755);
  const temporary = `${path}.new`;
  try {
    // Of a run that was cut off; it may already be read-only.
    await rm(temporary, { force: true });
    {
      await using file = await open(temporary, "wx", 0o600);
      await file.writeFile(value);
      await file.chmod(mode);
      await file.sync();
    }
    await rename(temporary, path);
  } catch (cause) {
    throw new TepalError("CANNOT_WRITE", `${path} cannot be written: ${toMessage(cause)}`, {
      cause,
    });
  }
}

async function makeFolder(folder: string, mode: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode }).catch((cause: unknown) => {
    throw new TepalError("CANNOT_WRITE", `${folder} cannot be made: ${toMessage(cause)}`, {
      cause,
    });
  });
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
