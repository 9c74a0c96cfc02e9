import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { toIrisRequest } from "../src/cli/commands/train.ts";
import { trainModel } from "../src/training/train-model.ts";

const IRIS = new URL("../examples/iris/iris.csv", import.meta.url);

/** One row of Iris, as the body of a prediction. */
export const IRIS_ROW = {
  sepal_length: 5.1,
  sepal_width: 3.5,
  petal_length: 1.4,
  petal_width: 0.2,
};

/** A folder with an Iris model, removed when it goes out of scope. */
export async function createModelFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "tepal-bench-"));
  await trainModel(toIrisRequest(path));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** Yields `count` rows of Iris as CSV with a header, in chunks. */
export async function* makeRows(count: number): AsyncGenerator<Buffer> {
  const [header = "", ...lines] = (await readFile(IRIS, "utf8")).trim().split("\n");
  const block = Buffer.from(`${lines.join("\n")}\n`.repeat(20));
  const perBlock = 20 * lines.length;
  yield Buffer.from(`${header}\n`);
  let left = count;
  for (; left >= perBlock; left -= perBlock) yield block;
  for (; left > 0; left--) yield Buffer.from(`${lines[left % lines.length]}\n`);
}

export async function writeRows(file: string, count: number): Promise<void> {
  await pipeline(Readable.from(makeRows(count)), createWriteStream(file));
}

export function toMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
