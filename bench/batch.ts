import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { toIrisRequest } from "../src/cli/commands/train.ts";
import { parseJson } from "../src/http/body/json-body.ts";
import { loadModel } from "../src/model/load-model.ts";
import { createBodyDecoder } from "../src/serving/decode/decode-body.ts";
import { createBytesDecoder } from "../src/serving/decode/decode-bytes.ts";
import { WarningMap } from "../src/serving/warnings.ts";
import type { Feature } from "../src/tabular/tabular.ts";
import { trainModel } from "../src/training/train-model.ts";
import { readCpuMs } from "./cpu-time.ts";
import { startServer, toNodeFlags } from "./http-load.ts";
import { toMegabytes } from "./rows.ts";
import { formatSpread, toMedian } from "./statistics.ts";
import { takeTurns } from "./turns.ts";

const ROWS = 1_000;
const IRIS = new URL("../examples/iris/iris.csv", import.meta.url);

/**
 * Measures batches of 1,000 Iris rows as arrays over HTTP, with all features enabled: rows per second of server CPU, and the
 * server's resident memory after the first million predictions and at the end. Then compares the two ways to decode a body.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "15" },
      seconds: { type: "string", default: "1" },
      "semi-space": { type: "string" },
    },
  });
  const models = await mkdtemp(join(tmpdir(), "tepal-bench-"));
  try {
    const { directory } = await trainModel(toIrisRequest(models));
    const { manifest } = await loadModel(directory);
    const rows = await readRows();
    const load = {
      connections: 4,
      path: "/predict/batch",
      body: JSON.stringify({ instances: rows }),
      nodeFlags: toNodeFlags(values["semi-space"]),
    };
    await using server = await startServer(["tepal", models], load);
    console.log(
      `POST ${load.path}, ${ROWS} Iris rows as arrays, ${load.connections} connections, ` +
        `${values.rounds} rounds of ${values.seconds} s\n`,
    );
    let predicted = 0;
    while (predicted < 1e6) predicted += ROWS * (await server.drive(100));
    const early = (await server.usage()).residentBytes;
    const measure = async (): Promise<number> => {
      const before = await server.usage();
      const answered = ROWS * (await server.drive(Number(values.seconds) * 1_000));
      const after = await server.usage();
      predicted += answered;
      return (
        answered /
        (after.userSeconds - before.userSeconds + after.systemSeconds - before.systemSeconds)
      );
    };
    const options = { rounds: Number(values.rounds), cost: Number };
    const { measured, warmUp } = await takeTurns({ batches: measure }, options);
    const late = (await server.usage()).residentBytes;
    console.log(
      `${formatSpread(measured.batches)} rows per second of server CPU, median (quartiles)`,
    );
    console.log(
      `resident memory ${toMegabytes(early)} after a million predictions, ` +
        `${toMegabytes(late)} after ${(predicted / 1e6).toFixed(1)} million`,
    );
    console.log(warmUp);
    printDecoding(manifest.features, rows);
  } finally {
    await rm(models, { recursive: true });
  }
}

async function readRows(): Promise<readonly (readonly number[])[]> {
  const [, ...lines] = (await readFile(IRIS, "utf8")).trim().split("\n");
  const rows = lines.map((line) => line.split(",").slice(0, 4).map(Number));
  return Array.from({ length: ROWS }, (_, i) => rows[i % rows.length]!);
}

/** Prints the CPU time to decode a row from bytes and through JSON.parse, in pairs, for the forms in which clients write batches. */
function printDecoding(features: readonly Feature[], rows: readonly (readonly number[])[]): void {
  const objects = rows.map((row) =>
    Object.fromEntries(features.map(({ name }, i) => [name, row[i]])),
  );
  const many = rows.map((row) => row.map((value) => value / 3));
  const bodies = {
    arrays: JSON.stringify({ instances: rows }),
    "arrays, indented": JSON.stringify({ instances: rows }, null, 1),
    objects: JSON.stringify({ instances: objects }),
    "16 digits": JSON.stringify({ instances: many }),
  };
  const limit = 1 << 24;
  const byBytes = createBytesDecoder(features, ROWS);
  const byParser = createBodyDecoder(features, ROWS);
  const values = new Float64Array(ROWS * features.length);
  const decodeParsed = (body: Buffer): void => {
    const instances = byParser.findInstances(parseJson(body, limit));
    byParser.decodeInstances(instances, () => values, new WarningMap());
  };
  const decodeBytes = (body: Buffer): void => {
    if (byBytes.decodeBatch(body, limit, () => values) === 0) decodeParsed(body);
  };
  console.log("\ndecoding, µs of CPU a row        from bytes  through JSON.parse  ratio");
  for (const [form, text] of Object.entries(bodies)) {
    const body = Buffer.from(text);
    const pairs = Array.from({ length: 40 }, () =>
      [decodeBytes, decodeParsed].map((decode) => toRowMicroseconds(() => decode(body))),
    );
    const [bytes = [], parsed = []] = [0, 1].map((way) =>
      pairs.slice(10).map((pair) => pair[way]!),
    );
    const ratios = parsed.map((microseconds, i) => microseconds / bytes[i]!);
    console.log(
      form.padEnd(33) +
        toMedian(bytes).toFixed(3).padStart(10) +
        toMedian(parsed).toFixed(3).padStart(20) +
        toMedian(ratios).toFixed(1).padStart(7),
    );
  }
}

function toRowMicroseconds(decode: () => void): number {
  const calls = 10;
  const begun = readCpuMs();
  for (let i = 0; i < calls; i++) decode();
  return ((readCpuMs() - begun) * 1_000) / (calls * ROWS);
}
