import { createHash } from "node:crypto";
import { mkdir, open, readFile, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { createId } from "../kernel/random.ts";
import { MODEL_NAME, parseManifest, type Manifest } from "./manifest.ts";

/**
 * A model version on disk: `models/NAME/VERSION/`. It is written to a hidden folder beside its place and
 * renamed, so that a reader sees all of it or nothing, and never changed afterwards.
 */
export const FILES = {
  manifest: "manifest.json",
  graph: "model.onnx",
  reference: "reference.bin",
  golden: "golden.json",
} as const;

const MEBIBYTE = 1024 * 1024;
/** Larger files are refused before they are read. */
const MAX_BYTES = {
  [FILES.manifest]: 16 * MEBIBYTE,
  [FILES.graph]: 1024 * MEBIBYTE,
  [FILES.reference]: 256 * MEBIBYTE,
  [FILES.golden]: 16 * MEBIBYTE,
} as const;
type FileName = keyof typeof MAX_BYTES;

/** The files of a version, read and compared with the digests in the manifest, but not yet understood. */
export interface Artifact {
  readonly directory: string;
  readonly manifest: Manifest;
  readonly graph: Uint8Array;
  /** Null when the model has no guard. */
  readonly reference: Uint8Array | null;
  readonly golden: string;
}

/**
 * Reads a version directory.
 * @throws TepalError MODEL_DAMAGED: a file is missing, too large, unlike its digest, or the manifest is wrong
 */
export async function readArtifact(directory: string): Promise<Artifact> {
  const manifest = parseManifest(decodeText(await readPart(directory, FILES.manifest)));
  const read = async (name: FileName): Promise<Uint8Array> => {
    const bytes = await readPart(directory, name);
    const expected = manifest.files[name];
    if (expected === undefined) {
      throw new TepalError("MODEL_DAMAGED", `manifest.json gives no digest for ${name}`);
    }
    if (toDigest(bytes) !== expected) {
      throw new TepalError(
        "MODEL_DAMAGED",
        `${name} is not the file that the manifest describes: its SHA-256 differs`,
      );
    }
    return bytes;
  };
  return {
    directory,
    manifest,
    graph: await read(FILES.graph),
    reference: manifest.guard === null ? null : await read(FILES.reference),
    golden: decodeText(await read(FILES.golden)),
  };
}

/** What `saveArtifact` writes; version and digests are its own to fill in. */
export interface ArtifactParts {
  readonly manifest: Omit<Manifest, "version" | "files">;
  readonly graph: Uint8Array;
  readonly reference: Uint8Array | null;
  readonly golden: string;
}

/**
 * Writes the next version of a model and returns where it is. Nothing is left behind when it fails or is
 * cancelled before the final rename.
 *
 * @param models the folder of all models; made when it is missing
 * @throws TepalError CANNOT_WRITE, CANCELLED, or MODEL_DAMAGED when the manifest is not one that can be read
 */
export async function saveArtifact(
  models: string,
  parts: ArtifactParts,
  signal?: AbortSignal,
): Promise<{ readonly directory: string; readonly version: number }> {
  const home = join(models, parts.manifest.name);
  const temporary = join(home, `.new-${createId()}`);
  let created: string | undefined;
  try {
    created = await mkdir(temporary, { recursive: true });
    const encoder = new TextEncoder();
    const files: [FileName, Uint8Array][] = [
      [FILES.graph, parts.graph],
      [FILES.golden, encoder.encode(parts.golden)],
    ];
    if (parts.reference !== null) files.push([FILES.reference, parts.reference]);
    for (const [name, bytes] of files) await writePart(temporary, name, bytes);
    const digests = Object.fromEntries(files.map(([name, bytes]) => [name, toDigest(bytes)]));

    let version = Math.max(0, ...((await listVersions(home)) ?? [])) + 1;
    for (;;) {
      const { format, name, ...rest } = parts.manifest;
      const manifest: Manifest = { format, name, version, ...rest, files: digests };
      const text = `${JSON.stringify(manifest, null, 2)}\n`;
      // What could not be read again, such as a class name of a thousand letters, must not be written.
      parseManifest(text);
      await writePart(temporary, FILES.manifest, encoder.encode(text));
      if (signal?.aborted === true)
        throw new TepalError("CANCELLED", "Cancelled; nothing was written");
      const directory = join(home, String(version));
      if (await renameIntoPlace(temporary, directory)) return { directory, version };
      // Another trainer took the number in the meantime.
      version += 1;
    }
  } catch (cause) {
    // Where the folder cannot even be made there is nothing to remove; the cause is what matters.
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    for (const folder of [home, models]) {
      // Only what this call made, and only when nobody has put anything there since.
      if (created !== undefined && resolve(folder).startsWith(resolve(created))) {
        await rmdir(folder).catch(() => {});
      }
    }
    if (cause instanceof TepalError) throw cause;
    throw new TepalError("CANNOT_WRITE", `The model could not be written: ${toMessage(cause)}`, {
      cause,
    });
  }
}

/**
 * The version numbers in a model's folder, ascending; undefined when there is no such folder.
 * @throws what reading the folder throws otherwise
 */
export async function listVersions(home: string): Promise<number[] | undefined> {
  const entries = await readdir(home, { withFileTypes: true }).catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw cause;
  });
  if (entries === undefined) return undefined;
  return entries
    .filter((entry) => !entry.isFile() && /^[1-9]\d{0,8}$/.test(entry.name))
    .map((entry) => Number(entry.name))
    .toSorted((a, b) => a - b);
}

/**
 * The names of the folders that may hold a model, ascending.
 * @throws TepalError MODEL_NOT_FOUND when the folder cannot be read
 */
export async function listModels(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new TepalError(
      "MODEL_NOT_FOUND",
      `The models folder cannot be read: ${toMessage(cause)}. Name another with --models, or train a model.`,
      { cause },
    );
  });
  return entries
    .filter((entry) => !entry.isFile() && MODEL_NAME.test(entry.name))
    .map((entry) => entry.name)
    .toSorted();
}

/** Changes when a file of the version is replaced, so that a reload sees it. */
export async function takeFingerprint(directory: string): Promise<string> {
  const parts = await Promise.all(
    Object.values(FILES).map(async (name) => {
      const found = await stat(join(directory, name)).catch(() => undefined);
      return found === undefined ? "-" : `${found.ino}:${found.size}:${found.mtimeMs}`;
    }),
  );
  return parts.join(",");
}

function toDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

async function readPart(directory: string, name: FileName): Promise<Uint8Array> {
  const path = join(directory, name);
  const damaged = (fault: string, cause?: unknown): TepalError =>
    new TepalError("MODEL_DAMAGED", `${name} ${fault}`, { cause });
  try {
    // Before opening: opening a pipe would wait for somebody to write into it.
    const found = await stat(path);
    if (!found.isFile()) throw damaged("is not a file");
    if (found.size > MAX_BYTES[name]) {
      throw damaged(`has ${found.size} bytes; at most ${MAX_BYTES[name]} are read`);
    }
    return await readFile(path);
  } catch (cause) {
    throw cause instanceof TepalError
      ? cause
      : damaged(`cannot be read: ${toMessage(cause)}`, cause);
  }
}

/** Writes and flushes, so that a rename never makes a half-written file visible after a power cut. */
async function writePart(directory: string, name: FileName, bytes: Uint8Array): Promise<void> {
  await using file = await open(join(directory, name), "w");
  await file.writeFile(bytes);
  await file.sync();
}

/** False when something already stands in the place. */
async function renameIntoPlace(from: string, to: string): Promise<boolean> {
  // rename() replaces an empty folder without a word, so look first.
  if ((await stat(to).catch(() => undefined)) !== undefined) return false;
  try {
    await rename(from, to);
    return true;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw cause;
  }
}
