import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { access, readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { findDuplicateKeys } from "../../kernel/json-text.ts";
import { waitForFileLock } from "../../kernel/file-lock.ts";
import { createId } from "../../kernel/random.ts";
import { followLinks, replaceFile } from "../../kernel/replace-file.ts";

/** The permissions of a key: predict, scrape metrics, both (for a load test), or everything. */
export const ROLES = ["predict", "metrics", "load", "admin"] as const;
export type Role = (typeof ROLES)[number];

/**
 * A key as it is stored: only its SHA-256, never the key itself. Salt and stretching are not needed, because 256 random bits
 * cannot be guessed.
 */
export type StoredKey = Static<typeof KeySchema>;

const KeySchema = Type.Object({
  /** Short and public: appears in logs; the argument of `tepal keys remove`. */
  id: Type.String({ pattern: "^[0-9a-f]{8}$" }),
  /** The holder of the key, for operators. */
  name: Type.String({ minLength: 1, maxLength: 100 }),
  role: Type.Union([
    Type.Literal("predict"),
    Type.Literal("metrics"),
    Type.Literal("load"),
    Type.Literal("admin"),
  ]),
  sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  /** ISO 8601, UTC. */
  created: Type.String({ maxLength: 40 }),
});
const FileSchema = Type.Object({ keys: Type.Array(KeySchema, { maxItems: 10_000 }) });

/** The keys that a server accepts. */
export interface ApiKeys {
  /** Returns the stored key that matches a client's key, in a time that does not depend on how much of it matches. */
  find(key: string): StoredKey | undefined;
}

export function createApiKeys(stored: readonly StoredKey[]): ApiKeys {
  const digests = stored.map((key) => ({ key, digest: Buffer.from(key.sha256, "hex") }));
  return {
    find(key) {
      const presented = toDigest(key);
      let found: StoredKey | undefined;
      // Compares all keys without an early return; each comparison takes the same time.
      for (const { key: candidate, digest } of digests) {
        if (timingSafeEqual(digest, presented)) found = candidate;
      }
      return found;
    },
  };
}

/** Creates a key. The caller shows its text once and stores only the rest. */
export function createKey(
  name: string,
  role: Role,
  created: string,
): { readonly text: string; readonly stored: StoredKey } {
  const text = `tepal_${randomBytes(32).toString("base64url")}`;
  return { text, stored: toStoredKey(text, name, role, created) };
}

/** Returns the stored form of a key. @param created ISO 8601, UTC */
export function toStoredKey(text: string, name: string, role: Role, created: string): StoredKey {
  return { id: createId().slice(0, 8), name, role, sha256: toHash(text), created };
}

/** Returns a key's SHA-256 in hexadecimal, as in a keys file. */
export function toHash(text: string): string {
  return toDigest(text).toString("hex");
}

/** Returns true if a string has the form of `createKey`: 256 bits after a prefix that secret scanners find. */
export function isKeyText(text: string): boolean {
  return /^tepal_[\w-]{43}$/.test(text);
}

/** Reads a keys file. @throws TepalError INVALID_OPTION with the first problem of the file */
export async function readKeysFile(path: string): Promise<readonly StoredKey[]> {
  const toError = (message: string, cause?: unknown): TepalError =>
    new TepalError("INVALID_OPTION", `Invalid keys file ${path}: ${message}`, { cause });
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw toError(`Cannot read it: ${toMessage(cause)}. \`tepal keys add\` creates one.`, cause);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw toError(`Expected valid JSON: ${toMessage(cause)}.`, cause);
  }
  const [duplicate] = findDuplicateKeys(text);
  if (duplicate !== undefined) throw toError(`${duplicate.at}: ${duplicate.message}`);
  if (Value.Check(FileSchema, value)) return value.keys;
  const first = Value.Errors(FileSchema, value)[0];
  throw toError(`${first?.instancePath || "/"}: ${first?.message ?? "not a keys file"}.`);
}

/**
 * Replaces the keys file atomically. Only its owner can read a new file; an existing one keeps its permissions, and a symbolic link its
 * target.
 * @throws TepalError CANNOT_WRITE
 */
export async function writeKeysFile(path: string, keys: readonly StoredKey[]): Promise<void> {
  try {
    await replaceFile(path, `${JSON.stringify({ keys }, null, 2)}\n`, 0o600);
  } catch (cause) {
    throw toWriteError(path, cause);
  }
}

/** Longest wait for other processes that change the file, each for milliseconds. */
const LOCK_SECONDS = 30;

/**
 * Changes the keys of a keys file, which may not exist yet. Concurrent changes, also of other processes, wait for each other.
 * @param change returns the new keys; the file stays untouched if they are the same array
 * @throws TepalError CANNOT_WRITE, INVALID_OPTION as `readKeysFile`, or an error of `change`
 */
export async function updateKeysFile(
  path: string,
  change: (keys: readonly StoredKey[]) => readonly StoredKey[],
): Promise<void> {
  const target = await locate(path);
  using _lock = await lockFile(target);
  const exists = await access(target).then(
    () => true,
    () => false,
  );
  const before = exists ? await readKeysFile(target) : [];
  const after = change(before);
  if (after !== before) await writeKeysFile(target, after);
}

async function locate(path: string): Promise<string> {
  try {
    return await followLinks(path);
  } catch (cause) {
    throw toWriteError(path, cause);
  }
}

async function lockFile(path: string): Promise<Disposable> {
  const file = `${path}.lock`;
  let lock: Disposable | null;
  try {
    lock = await waitForFileLock(file, LOCK_SECONDS);
  } catch (cause) {
    throw toWriteError(path, cause);
  }
  if (lock !== null) return lock;
  const message = `Cannot write the keys file ${path}: Another process has held ${file} for ${LOCK_SECONDS} s. Try again when it has ended.`;
  throw new TepalError("CANNOT_WRITE", message);
}

function toWriteError(path: string, cause: unknown): TepalError {
  const message = `Cannot write the keys file ${path}: ${toMessage(cause)}.`;
  return new TepalError("CANNOT_WRITE", message, { cause });
}

/** Returns the paths of a keys file, its target and its folder that users other than its owner may write, with their permissions. */
export async function findWritableByOthers(path: string): Promise<readonly string[]> {
  // Windows has no such permissions.
  if (process.platform === "win32") return [];
  const target = await locate(path);
  const found: string[] = [];
  const check = async (file: string, mask: number): Promise<void> => {
    const mode = (await stat(file).catch(() => undefined))?.mode ?? 0;
    // In a folder with the sticky bit, only the owner of a file can replace it.
    if ((mode & mask) !== 0 && (mode & STICKY) === 0)
      found.push(`${file} (mode ${(mode & 0o777).toString(8).padStart(4, "0")})`);
  };
  await check(target, 0o022);
  for (const folder of new Set([dirname(resolve(path)), dirname(resolve(target))]))
    await check(folder, 0o002);
  return found;
}

const STICKY = 0o1000;

/** Returns the warning about a path as of `findWritableByOthers`. */
export function toWriterWarning(path: string): string {
  return `OTHER USERS can add API keys, because they may write ${path}. Run \`chmod go-w\` on it.`;
}

function toDigest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
