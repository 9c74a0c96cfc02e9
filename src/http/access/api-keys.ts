import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { createId } from "../../kernel/random.ts";

/** What a key may do: ask models, scrape metrics, both of these as a load test does, or everything. */
export const ROLES = ["predict", "metrics", "load", "admin"] as const;
export type Role = (typeof ROLES)[number];

/**
 * A key as it is stored: never the key itself, only its SHA-256. That is enough, without salt or stretching, because a
 * key is 256 random bits: nobody finds them by guessing.
 */
export type StoredKey = Static<typeof KeySchema>;

const KeySchema = Type.Object({
  /** Short and public: appears in logs and is what `tepal keys remove` takes. */
  id: Type.String({ pattern: "^[0-9a-f]{8}$" }),
  /** Who has it, for people. */
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

/** The keys that a server knows. */
export interface ApiKeys {
  /** The stored key that a client's key belongs to, in a time that does not depend on how much of it is right. */
  find(key: string): StoredKey | undefined;
}

export function createApiKeys(stored: readonly StoredKey[]): ApiKeys {
  const digests = stored.map((key) => ({ key, digest: Buffer.from(key.sha256, "hex") }));
  return {
    find(key) {
      const presented = toDigest(key);
      let found: StoredKey | undefined;
      // No early end: all are compared, and each comparison takes the same time.
      for (const { key: candidate, digest } of digests) {
        if (timingSafeEqual(digest, presented)) found = candidate;
      }
      return found;
    },
  };
}

/** Makes a key. The text is shown once and kept nowhere. */
export function createKey(
  name: string,
  role: Role,
  created: string,
): { readonly text: string; readonly stored: StoredKey } {
  const text = `tepal_${randomBytes(32).toString("base64url")}`;
  return { text, stored: toStoredKey(text, name, role, created) };
}

/** What is kept of a key whose text is known. @param created ISO 8601, UTC */
export function toStoredKey(text: string, name: string, role: Role, created: string): StoredKey {
  return { id: createId().slice(0, 8), name, role, sha256: toHash(text), created };
}

/** A key's SHA-256 in hexadecimal, as a keys file has it. */
export function toHash(text: string): string {
  return toDigest(text).toString("hex");
}

/** Whether a text looks like a key of `createKey`: 256 bits behind a prefix that secret scanners can find. */
export function isKeyText(text: string): boolean {
  return /^tepal_[\w-]{43}$/.test(text);
}

/** @throws TepalError INVALID_OPTION naming what is wrong with the file */
export async function readKeysFile(path: string): Promise<readonly StoredKey[]> {
  const unusable = (why: string, cause?: unknown): TepalError =>
    new TepalError("INVALID_OPTION", `The keys file ${path} ${why}`, { cause });
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw unusable(`cannot be read: ${toMessage(cause)}. \`tepal keys add\` makes one`, cause);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unusable("is not valid JSON", cause);
  }
  if (Value.Check(FileSchema, value)) return value.keys;
  const first = Value.Errors(FileSchema, value)[0];
  throw unusable(`is not a keys file: ${first?.instancePath || "/"} ${first?.message ?? ""}`);
}

/**
 * Replaces the file in one step, readable by its owner alone.
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
    throw new TepalError("CANNOT_WRITE", `The keys file cannot be written: ${toMessage(cause)}`, {
      cause,
    });
  }
}

function toDigest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
