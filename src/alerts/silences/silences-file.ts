import { readFile } from "node:fs/promises";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { toMessage } from "../../kernel/errors.ts";
import { replaceFile } from "../../kernel/replace-file.ts";
import { formatGoTime } from "../format-go-time.ts";
import type { AlertingLog } from "../alerts.ts";
import { parseSilence, type Silence } from "./silence.ts";

const StoredFile = Type.Object({
  version: Type.Literal(1),
  silences: Type.Array(Type.Object({ id: Type.String(), updatedAt: Type.String() })),
});

/** Reads the silences that a previous process left. Logs why they cannot be read; a missing file is empty. */
export async function loadSilences(path: string, log: AlertingLog): Promise<readonly Silence[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isMissing) log.warn(`Cannot read the silences: ${toMessage(error)}`);
    return [];
  }
  try {
    const file: unknown = JSON.parse(text);
    if (!Value.Check(StoredFile, file)) throw new Error("it has another format");
    // Silences whose end has passed were valid when they were written.
    return file.silences.map((stored) => ({
      ...parseSilence(stored, Number.NEGATIVE_INFINITY),
      id: stored.id,
      updatedAtMs: Date.parse(stored.updatedAt),
    }));
  } catch (error) {
    log.error(
      `Ignored the silences in ${path}, so their alerts are sent again: ${toMessage(error)}`,
    );
    return [];
  }
}

/** Writes the file. Logs why it cannot be written. */
export async function saveSilences(
  path: string,
  silences: readonly Silence[],
  log: AlertingLog,
): Promise<void> {
  const file: Static<typeof StoredFile> = { version: 1, silences: silences.map(toStored) };
  try {
    await replaceFile(path, `${JSON.stringify(file)}\n`, 0o600);
  } catch (error) {
    log.error(`Cannot write the silences, which a restart would forget: ${toMessage(error)}`);
  }
}

function toStored(silence: Silence) {
  const { id, matchers, startsAtMs, endsAtMs, updatedAtMs, createdBy, comment } = silence;
  return {
    id,
    matchers,
    startsAt: formatGoTime(startsAtMs),
    endsAt: formatGoTime(endsAtMs),
    updatedAt: formatGoTime(updatedAtMs),
    createdBy,
    comment,
  };
}
