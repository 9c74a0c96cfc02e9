import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { mkdir, open, readFile, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { createId } from "../kernel/random.ts";
import { recordDefault } from "./default-record.ts";
import { toInvalidFile } from "./invalid-file.ts";
import { MODEL_NAME, type Manifest } from "./manifest.ts";
import { parseManifest } from "./parse-manifest.ts";

/**
 * The files of a model version on disk, `models/NAME/VERSION/`. A version is written to a hidden folder in `models/NAME` and
 * then renamed, so that readers see all of it or nothing. It is never changed afterwards.
 */
export const FILES = {
  manifest: "manifest.json",
  graph: "model.onnx",
  reference: "reference.bin",
  golden: "golden.json",
} as const;

const MEBIBYTE = 1024 * 1024;
/** Maximum size of each file. Larger files are rejected before they are read. */
const MAX_BYTES = {
  [FILES.manifest]: 16 * MEBIBYTE,
  [FILES.graph]: 1024 * MEBIBYTE,
  [FILES.reference]: 256 * MEBIBYTE,
  [FILES.golden]: 16 * MEBIBYTE,
} as const;
type FileName = keyof typeof MAX_BYTES;

/** The files of a version, with the digests of the manifest, but not yet parsed. */
export interface Artifact {
  /** Null for a version in memory. */
  readonly directory: string | null;
  readonly manifest: Manifest;
  readonly graph: Uint8Array;
  /** Null when the model has no guard. */
  readonly reference: Uint8Array | null;
  readonly golden: string;
}

/**
 * Reads the files of a version directory.
 *
 * @throws TepalError MODEL_DAMAGED when a file is missing, too large or not the one of its digest, and when the manifest is
 *   invalid
 */
export async function readArtifact(directory: string): Promise<Artifact> {
  const manifest = parseManifest(decodeText(await readPart(directory, FILES.manifest)));
  const read = async (name: FileName): Promise<Uint8Array> => {
    const bytes = await readPart(directory, name);
    const expected = manifest.files[name];
    if (expected === undefined) {
      const message = `Missing. Expected the SHA-256 of ${name}.`;
      throw toInvalidFile(FILES.manifest, [{ at: `/files/${name}`, message }]);
    }
    const digest = toDigest(bytes);
    if (digest !== expected) {
      const message = `Expected the SHA-256 ${expected} as in manifest.json, got ${digest}.`;
      throw toInvalidFile(name, [{ at: "", message }]);
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

/** The content of a new version. `saveArtifact` adds the version number and the digests. */
export interface ArtifactParts {
  readonly manifest: Omit<Manifest, "version" | "files">;
  /** The ONNX file, or a function that returns it for a version number. */
  readonly graph: Uint8Array | ((version: number) => Uint8Array);
  readonly reference: Uint8Array | null;
  readonly golden: string;
}

/**
 * Completes a version in memory: adds its number and digests.
 *
 * @throws TepalError MODEL_DAMAGED when `parseManifest` rejects the manifest
 */
export function packArtifact(parts: ArtifactParts, version: number): Artifact {
  const graph = typeof parts.graph === "function" ? parts.graph(version) : parts.graph;
  const files = [[FILES.graph, graph] as const, ...toFiles(parts)];
  const digests = Object.fromEntries(files.map(([name, bytes]) => [name, toDigest(bytes)]));
  const { format, name, ...rest } = parts.manifest;
  // A manifest that readers would reject, for example with a class name of a thousand letters, must not be written.
  const manifest = parseManifest(
    JSON.stringify({ format, name, version, ...rest, files: digests } satisfies Manifest),
  );
  return { ...parts, graph, directory: null, manifest };
}

/** Returns the files of a version that do not depend on its number. */
function toFiles({ golden, reference }: ArtifactParts): readonly [FileName, Uint8Array][] {
  const files: [FileName, Uint8Array][] = [[FILES.golden, new TextEncoder().encode(golden)]];
  if (reference !== null) files.push([FILES.reference, reference]);
  return files;
}

/**
 * Writes the next version of a model and returns it. Removes all that it wrote when it fails or is cancelled
 * before the final rename. The folder's first model becomes its default, unless one is recorded.
 *
 * @param models the folder of all models; created when it is missing
 * @throws TepalError CANNOT_WRITE, CANCELLED, or MODEL_DAMAGED when `parseManifest` would reject the manifest
 */
export async function saveArtifact(
  models: string,
  parts: ArtifactParts,
  signal?: AbortSignal,
): Promise<Artifact> {
  const home = join(models, parts.manifest.name);
  const temporary = join(home, `.new-${createId()}`);
  let created: string | undefined;
  try {
    const first = await findFirstModel(models);
    created = await mkdir(temporary, { recursive: true });
    for (const [name, bytes] of toFiles(parts)) await writePart(temporary, name, bytes);
    let version = Math.max(0, ...((await listVersions(home)) ?? [])) + 1;
    for (;;) {
      const artifact = packArtifact(parts, version);
      const text = `${JSON.stringify(artifact.manifest, null, 2)}\n`;
      await writePart(temporary, FILES.graph, artifact.graph);
      await writePart(temporary, FILES.manifest, new TextEncoder().encode(text));
      if (signal?.aborted === true) {
        throw new TepalError("CANCELLED", "Cancelled. No model was written.");
      }
      const directory = join(home, String(version));
      if (await renameToVersion(temporary, directory)) {
        // A folder without a record: the model that answered until now remains the default.
        await recordDefault(models, first ?? parts.manifest.name);
        return { ...artifact, directory };
      }
      // Another process used the number in the meantime.
      version += 1;
    }
  } catch (cause) {
    // If the folder could not be created there is nothing to remove; the caller needs the first error.
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    for (const folder of [home, models]) {
      // Remove only folders that this call created, and only if they are empty.
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

/** Returns the first model by name that has a version; undefined if there is none. */
async function findFirstModel(models: string): Promise<string | undefined> {
  const names = await listModels(models).catch(() => []);
  for (const name of names) {
    const versions = await listVersions(join(models, name)).catch(() => undefined);
    if (versions !== undefined && versions.length > 0) return name;
  }
  return undefined;
}

/**
 * Returns the version numbers in a model's folder, ascending; undefined when the folder does not exist.
 *
 * @throws Error from the file system when the folder exists but cannot be read
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
 * Returns the names of the folders that may hold a model, ascending.
 *
 * @throws TepalError MODEL_NOT_FOUND when the folder cannot be read
 */
export async function listModels(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new TepalError(
      "MODEL_NOT_FOUND",
      `The models folder cannot be read: ${toMessage(cause)}. Specify another folder with --models, or train a model.`,
      { cause },
    );
  });
  return entries
    .filter((entry) => !entry.isFile() && MODEL_NAME.test(entry.name))
    .map((entry) => entry.name)
    .toSorted();
}

/** Returns a string that changes when a file of the version is replaced, for reloads. */
export async function takeFingerprint(directory: string): Promise<string> {
  const found = await statFiles(directory);
  return found.map((file) => (file ? `${file.ino}:${file.size}:${file.mtimeMs}` : "-")).join(",");
}

/** Returns the bytes of all files of a version. A missing file counts 0. */
export async function measureArtifact(directory: string): Promise<number> {
  const found = await statFiles(directory);
  return found.reduce((sum, file) => sum + (file?.size ?? 0), 0);
}

function statFiles(directory: string): Promise<(Stats | undefined)[]> {
  return Promise.all(
    Object.values(FILES).map((name) => stat(join(directory, name)).catch(() => undefined)),
  );
}

function toDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

async function readPart(directory: string, name: FileName): Promise<Uint8Array> {
  const path = join(directory, name);
  try {
    // Check the type before the file is opened: to open a pipe would wait for a writer.
    const found = await stat(path);
    if (!found.isFile())
      throw toInvalidFile(name, [{ at: "", message: "Expected a regular file." }]);
    if (found.size > MAX_BYTES[name]) {
      const message = `Expected at most ${MAX_BYTES[name]} bytes, got ${found.size}.`;
      throw toInvalidFile(name, [{ at: "", message }]);
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof TepalError) throw cause;
    const message = `The file cannot be read: ${toMessage(cause)}.`;
    throw toInvalidFile(name, [{ at: "", message }], cause);
  }
}

/** Writes a file and flushes it to disk, so that a rename cannot expose an incomplete file after a power failure. */
async function writePart(directory: string, name: FileName, bytes: Uint8Array): Promise<void> {
  await using file = await open(join(directory, name), "w");
  await file.writeFile(bytes);
  await file.sync();
}

/** Renames a folder. Returns false when the target exists. */
async function renameToVersion(from: string, to: string): Promise<boolean> {
  // rename() replaces an empty folder without an error, so check first.
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
