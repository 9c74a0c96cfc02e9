import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { findDuplicateKeys } from "../../kernel/json-text.ts";
import { createId } from "../../kernel/random.ts";

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
 * Replaces the keys file atomically; only its owner can read it.
 * @throws TepalError CANNOT_WRITE
 */
export async function writeKeysFile(path: string, keys: readonly StoredKey[]): Promise<void> {
  const temporary = `${path}.${createId()}`;
  try {
    {
      await using file = await open(temporary, "wx", 0o600);
      await file.writeFile(`${JSON.stringify({ keys }, null, 2)}\n`);
      await file.sync();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    const message = `Cannot write the keys file ${path}: ${toMessage(cause)}.`;
    throw new TepalError("CANNOT_WRITE", message, { cause });
  }
}

function toDigest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
