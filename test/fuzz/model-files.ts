import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import * as fc from "fast-check";
import { getReplyEncoder } from "../../src/serving/encode/encode-reply.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { TepalError } from "../../src/kernel/errors.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import { expectLocal } from "../../src/model/expect-local.ts";
import { loadModelHere } from "../../src/model/load-model.ts";
import { createPredictor } from "../../src/serving/predictor.ts";
import { createFolder } from "../support/folders.ts";
import { copyIris, trainPlane } from "../support/models.ts";

/** Number of models by result. */
interface ModelFilesCount {
  /** Models that were loaded and predict. */
  accepted: number;
  damaged: number;
  unsupported: number;
}

type FileName = "manifest.json" | "golden.json" | "reference.bin" | "model.onnx";
type Files = Readonly<Record<FileName, Buffer>>;
type Edit = (files: Files) => Files;

const OPTIONS = {
  maxBatchRows: 100,
  oodAlpha: 0.01,
  oodPolicy: "warn",
  uncheckedPolicy: "flag",
  categoryPolicy: "warn",
  missingPolicy: "reject",
} as const;
const ODD_NUMBERS = [0, -0, -1, 1, 2, 3, 4, 5, 1.5, 1e-320, 1e39, 1e300, 2 ** 31, 2 ** 32, 2 ** 53];
const ODD_STRINGS = [
  "",
  "a",
  "constructor",
  "__proto__",
  "x".repeat(201),
  "mahalanobis",
  "knn",
  "\n",
  "🙂",
];
const KEYS = ["a", "__proto__", "constructor", "model.onnx", "length", "guard", "unit"];

/**
 * Loads model directories with changed files. The digests in the manifest are updated, so that the changes reach the
 * parsers. Each model must be rejected as damaged or unsupported, or still reply with valid JSON.
 *
 * @param runs number of directories
 */
export async function fuzzModelFiles(runs: number, seed = 1): Promise<ModelFilesCount> {
  const count: ModelFilesCount = { accepted: 0, damaged: 0, unsupported: 0 };
  await using folder = await createFolder();
  await copyIris(folder.path);
  await trainPlane(folder.path);
  const valid = await Promise.all(
    ["iris", "plane"].map((name) => readFiles(join(folder.path, name, "1"))),
  );
  const directory = join(folder.path, "fuzz");
  await mkdir(directory);
  const list = fc.array(edit(), { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(fc.nat(1), list, async (model, edits) => {
      const files = edits.reduce((changed, { apply }) => apply(changed), valid[model]!);
      await writeFiles(directory, sign(files));
      await loadAndRun(directory, count);
    }),
    { numRuns: runs, seed },
  );
  return count;
}

async function loadAndRun(directory: string, count: ModelFilesCount): Promise<void> {
  try {
    const model = expectLocal(await loadModelHere(directory));
    const metrics = createMetrics({ process: false });
    const predictor = createPredictor(model, OPTIONS, metrics, systemClock);
    const encoder = getReplyEncoder(predictor);
    const { features } = predictor.manifest;
    for (const value of [0, -1, 5.5, 1e30]) {
      const row = features.map(() => value);
      const object = Object.fromEntries(features.map(({ name }) => [name, value]));
      check(
        encoder.encodeBatch(predictor.predictBatch({ instances: [row, row] }), "id").toString(),
      );
      check(encoder.encodeRow(predictor.predictRow(object), "id"));
    }
    JSON.stringify(predictor.manifest);
    await metrics.render();
    predictor.close();
    count.accepted++;
  } catch (thrown) {
    if (!(thrown instanceof TepalError)) throw thrown;
    if (thrown.code === "MODEL_DAMAGED") count.damaged++;
    else if (thrown.code === "MODEL_UNSUPPORTED") count.unsupported++;
    else throw thrown;
    if (thrown.message.length > 20_000) {
      throw new Error(
        `Expected a message of at most 20,000 characters, got ${thrown.message.length}.`,
        { cause: thrown },
      );
    }
  }
}

/** Checks that a reply is JSON and that its p-values are numbers from 0 to 1. */
function check(text: string): void {
  const reply = JSON.parse(text);
  for (const prediction of reply.predictions ?? [reply]) {
    const pValue: unknown = prediction.out_of_distribution?.p_value ?? 1;
    if (!(typeof pValue === "number" && pValue > 0 && pValue <= 1)) {
      throw new Error(`Expected a p-value > 0 and ≤ 1, got ${String(pValue)}.`);
    }
  }
}

async function readFiles(directory: string): Promise<Files> {
  const read = (name: FileName): Promise<Buffer> => readFile(join(directory, name));
  return {
    "manifest.json": await read("manifest.json"),
    "golden.json": await read("golden.json"),
    "reference.bin": await read("reference.bin"),
    "model.onnx": await read("model.onnx"),
  };
}

async function writeFiles(directory: string, files: Files): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(directory, name), bytes);
}

/** Updates the digests in the manifest, if it can still be parsed. */
function sign(files: Files): Files {
  try {
    const manifest: unknown = JSON.parse(files["manifest.json"].toString());
    if (typeof manifest !== "object" || manifest === null || !("files" in manifest)) return files;
    const named = manifest.files;
    if (typeof named !== "object" || named === null) return files;
    for (const name of ["golden.json", "reference.bin", "model.onnx"] as const) {
      const digest = createHash("sha256").update(files[name]).digest("hex");
      if (Object.hasOwn(named, name)) Object.assign(named, { [name]: digest });
    }
    return { ...files, "manifest.json": Buffer.from(JSON.stringify(manifest)) };
  } catch {
    return files;
  }
}

/** An edit and its description in a counterexample. */
interface NamedEdit {
  readonly apply: Edit;
  readonly description: string;
}

function edit(): fc.Arbitrary<NamedEdit> {
  const value = fc.oneof(
    fc.constantFrom<unknown>(...ODD_NUMBERS),
    fc.constantFrom<unknown>(...ODD_STRINGS, null, true, false, [], {}, [[]], [null]),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const inJson = fc
    .record({
      file: fc.constantFrom<FileName>("manifest.json", "manifest.json", "golden.json"),
      path: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
      how: fc.nat(4),
      key: fc.constantFrom(...KEYS),
      value,
    })
    .map(({ file, path, how, key, value: item }): NamedEdit => ({
      description: JSON.stringify({ file, path, how, key, item }),
      apply: (files) => {
        try {
          const document: unknown = JSON.parse(files[file].toString());
          const changed = editJson(document, path, how, key, item);
          return { ...files, [file]: Buffer.from(JSON.stringify(changed)) };
        } catch {
          return files;
        }
      },
    }));
  const inBytes = fc
    .record({
      file: fc.constantFrom<FileName>(
        "manifest.json",
        "golden.json",
        "reference.bin",
        "model.onnx",
      ),
      position: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      how: fc.nat(2),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    })
    .map(({ file, position, how, bytes }): NamedEdit => ({
      description: JSON.stringify({ file, position, how, bytes: [...bytes] }),
      apply: (files) => {
        const before = files[file];
        const at = Math.floor(position * before.length);
        const end = how === 0 ? before.length : how === 1 ? at : at + bytes.length;
        const changed = Buffer.concat([before.subarray(0, at), bytes, before.subarray(end)]);
        return { ...files, [file]: file === "reference.bin" ? withChecksum(changed) : changed };
      },
    }));
  const inReference = fc
    .record({
      number: fc.nat(),
      header: fc.nat(12),
      value: fc.constantFrom(...ODD_NUMBERS, 1e308, -1e308, Number.NaN, Infinity, -Infinity),
    })
    .map(({ number, header, value: item }): NamedEdit => ({
      description: JSON.stringify({ file: "reference.bin", number, header, item: String(item) }),
      apply: (files) => {
        const bytes = Buffer.from(files["reference.bin"]);
        if (bytes.length < 40) return files;
        if (header <= 4)
          bytes.writeUInt32LE(Math.abs(Math.trunc(item || 0)) % 2 ** 32, 8 + 4 * header);
        else bytes.writeDoubleLE(item, 32 + 8 * (number % Math.floor((bytes.length - 32) / 8)));
        return { ...files, "reference.bin": withChecksum(bytes) };
      },
    }));
  const kinds = fc.oneof(
    { weight: 5, arbitrary: inJson },
    { weight: 1, arbitrary: inBytes },
    { weight: 2, arbitrary: inReference },
  );
  return kinds.map((one) => ({ ...one, [fc.toStringMethod]: () => one.description }));
}

/** Updates the checksum of a reference.bin. */
function withChecksum(bytes: Buffer): Buffer {
  if (bytes.length < 32) return bytes;
  bytes.writeUInt32LE(crc32(bytes.subarray(32), crc32(bytes.subarray(0, 28))), 28);
  return bytes;
}

/** Changes the value at a path of numbers, each the index of a field or an element. */
function editJson(
  value: unknown,
  path: readonly number[],
  how: number,
  key: string,
  item: unknown,
): unknown {
  const [step, ...rest] = path;
  if (typeof value !== "object" || value === null || step === undefined) return item;
  const entries: (readonly [string, unknown])[] = Object.entries(value);
  const at = step % Math.max(1, entries.length);
  const entry = entries[at];
  let changed: (readonly [string, unknown])[];
  if (rest.length > 0 && entry !== undefined && typeof entry[1] === "object" && entry[1] !== null) {
    changed = entries.with(at, [entry[0], editJson(entry[1], rest, how, key, item)]);
  } else if (how === 0) changed = entries.toSpliced(at, 1);
  else if (how === 1 && entry !== undefined) changed = entries.toSpliced(at, 0, entry);
  else if (how === 2) changed = [...entries, [key, item]];
  else changed = entry === undefined ? entries : entries.with(at, [entry[0], item]);
  return Array.isArray(value) ? changed.map(([, one]) => one) : Object.fromEntries(changed);
}
