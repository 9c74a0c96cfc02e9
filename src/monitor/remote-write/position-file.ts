import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { toMessage } from "../../kernel/errors.ts";
import { replaceFile } from "../../kernel/replace-file.ts";

/** The times up to which samples are acknowledged. */
export interface Positions {
  /** Position of groups that are not listed. */
  readonly sinceMs: number;
  /** The time of the last acknowledged samples of a group. */
  readonly groups: Map<string, number>;
}

const StoredFile = Type.Object({
  version: Type.Literal(1),
  /** A hash of the URL, which may be a secret: another receiver has not got the samples. */
  receiver: Type.String(),
  sinceMs: Type.Number(),
  groups: Type.Record(Type.String(), Type.Number()),
});

/** Reads the positions that a previous process left; undefined if there are none for this receiver. */
export async function loadPositions(
  path: string,
  url: string,
  log: { warn(message: string): void },
): Promise<Positions | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isMissing) log.warn(`Cannot read the position of remote write: ${toMessage(error)}`);
    return undefined;
  }
  try {
    const file: unknown = JSON.parse(text);
    if (!Value.Check(StoredFile, file)) throw new Error("it has another format");
    if (file.receiver !== toReceiver(url)) return undefined;
    return { sinceMs: file.sinceMs, groups: new Map(Object.entries(file.groups)) };
  } catch (error) {
    log.warn(`Ignored the position of remote write in ${path}: ${toMessage(error)}`);
    return undefined;
  }
}

/** Writes the positions. @throws Error of the system */
export async function savePositions(
  path: string,
  url: string,
  { sinceMs, groups }: Positions,
): Promise<void> {
  const file: Static<typeof StoredFile> = {
    version: 1,
    receiver: toReceiver(url),
    sinceMs,
    groups: Object.fromEntries(groups),
  };
  await replaceFile(path, `${JSON.stringify(file)}\n`, 0o600);
}

function toReceiver(url: string): string {
  return createHash("sha256").update(url).digest("hex");
}
