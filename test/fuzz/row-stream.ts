import * as fc from "fast-check";
import { parse } from "csv-parse/sync";
import { systemClock } from "../../src/kernel/clock.ts";
import { TepalError } from "../../src/kernel/errors.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import { createForestExecutor } from "../../src/model/executor/forest-executor.ts";
import { createPredictor } from "../../src/serving/predictor.ts";
import type { RowStreamOptions } from "../../src/serving/row-groups.ts";
import { createRowStream } from "../../src/serving/row-stream.ts";
import type { Predictor } from "../../src/serving/serving.ts";
import type { Feature } from "../../src/tabular/tabular.ts";
import { createRandomCase } from "../support/random-ensemble.ts";
import { toManifest } from "./manifest.ts";

/** The outcomes of one run. */
interface RowCount {
  predicted: number;
  bad: number;
  /** Streams that were rejected for their header. */
  rejected: number;
  /** Streams that ended at a bad row. */
  stopped: number;
  /** Cuts of rejected streams into two chunks. */
  cuts: number;
}

const NAMES = ["a", "b b", "constructor", "ä"];
const PIECES = [
  "1",
  "-0.5",
  "1e5",
  "1e39",
  "NA",
  "",
  "x",
  "=1+1",
  "ä",
  "\ufeff",
  "\0",
  " ",
  "\t",
  "\f",
  ",",
  ",",
  ",",
  ";",
  '"',
  '""',
  "\n",
  "\n",
  "\r\n",
  "\r",
  "{",
  "}",
  "[",
  "]",
  ":",
  "null",
  "1,2,3,4\n",
  "1,2,3,4\n5,6,7,8\n",
  "[1,2,3,4]\n",
  "1,2,3,4",
  '"1",2,"3",4',
  "[1,2,3,4]",
  '{"a":1,"b b":2,"constructor":3,"ä":4}',
  "[]",
  "{}",
].map((text) => Buffer.from(text));
const GOOD_LINES = [
  "1,2,3,4\n",
  "x,0.5,-1,+2,3.25\r\n",
  "[1,2,3,4]\n",
  '{"a":1,"b b":2,"constructor":3,"ä":4}\n',
].map((text) => Buffer.from(text));
const BYTES = [[0xff], [0xc3], [0xef, 0xbb], [0xed, 0xa0, 0x80]].map((bytes) => Buffer.from(bytes));

/**
 * Streams any bytes in any chunks. Only a header may cause an error, a TepalError. Each record that is not blank has one line in the output,
 * numbered in order, and the output does not depend on the chunks.
 */
export function fuzzRowStream(runs: number, seed = 1): RowCount {
  const count: RowCount = { predicted: 0, bad: 0, rejected: 0, stopped: 0, cuts: 0 };
  const predictors = [false, true].map(createAnyPredictor);
  const piece = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...PIECES) },
    { weight: 1, arbitrary: fc.constantFrom(...BYTES) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)) },
  );
  const lines = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...GOOD_LINES) },
    { weight: 1, arbitrary: fc.array(piece, { maxLength: 8 }).map((some) => Buffer.concat(some)) },
  );
  const header = fc.oneof(
    { weight: 6, arbitrary: fc.constant(`${NAMES.join(",")}\n`) },
    { weight: 2, arbitrary: fc.constant(`x,${NAMES.toReversed().join(",")}\r\n`) },
    { weight: 1, arbitrary: fc.constant("a\n") },
    { weight: 1, arbitrary: fc.constant("") },
  );
  const options = fc.record({
    input: fc.constantFrom("csv", "ndjson"),
    output: fc.constantFrom("csv", "ndjson"),
    onBadRow: fc.constantFrom("skip", "skip", "stop"),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...predictors),
      options,
      header,
      fc.array(lines, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }),
      (predictor, how, head, pieces, lengths) => {
        const first = how.input === "csv" ? head : "";
        const bytes = Buffer.concat([Buffer.from(first), ...pieces]);
        const whole = run(predictor, how, [bytes]);
        const inChunks = run(predictor, how, cut(bytes, lengths));
        check(whole.text === inChunks.text, `the same output in chunks: ${inChunks.text}`);
        if (whole.rejected) {
          count.rejected += 1;
          checkCuts(predictor, how, bytes, whole.text, count);
        } else checkLines(whole, how, count);
      },
    ),
    { numRuns: runs, seed },
  );
  return count;
}

interface Outcome {
  readonly text: string;
  readonly rejected: boolean;
  readonly rows: number;
  readonly bad: number;
  readonly isStopped: boolean;
  /** The output before the end or the error: a reply that has begun. */
  readonly sent: string;
}

/** A rejected stream has sent nothing, at any cut of its bytes. */
function checkCuts(
  predictor: Predictor,
  options: RowStreamOptions,
  bytes: Buffer,
  message: string,
  count: RowCount,
): void {
  for (let at = 0; at <= bytes.length; at++) {
    const outcome = run(predictor, options, [bytes.subarray(0, at), bytes.subarray(at)]);
    check(outcome.text === message, `the same error when cut at ${at}: ${outcome.text}`);
    check(outcome.sent === "", `nothing sent before the error, cut at ${at}: ${outcome.sent}`);
    count.cuts += 1;
  }
}

function run(predictor: Predictor, options: RowStreamOptions, pieces: readonly Buffer[]): Outcome {
  const stream = createRowStream(predictor, options);
  const { counts } = stream;
  let sent = "";
  try {
    for (const piece of pieces) sent += stream.push(piece).toString();
    const text = sent + stream.end().toString();
    const { isStopped } = stream;
    return { text, rejected: false, rows: counts.rows, bad: counts.bad, isStopped, sent };
  } catch (error) {
    if (!(error instanceof TepalError) || error.code !== "INVALID_INPUT") throw error;
    check(options.input === "csv" && counts.rows === 0, "an error for the header only");
    return { text: error.message, rejected: true, rows: 0, bad: 0, isStopped: false, sent };
  }
}

function checkLines(outcome: Outcome, options: RowStreamOptions, count: RowCount): void {
  const { text, rows, bad, isStopped } = outcome;
  const lines = options.output === "csv" ? readTable(text) : readObjects(text);
  check(lines.length === rows, `a line for each of ${rows} rows: ${text}`);
  check(lines.filter(({ isBad }) => isBad).length === bad, "an error for each bad row");
  for (const [index, { line }] of lines.entries()) {
    const before = lines[index - 1]?.line ?? 0;
    check(line === undefined || line > before || before === undefined, "lines in order");
  }
  if (isStopped) check(options.onBadRow === "stop" && bad === 1, "one bad row to stop at");
  if (isStopped) count.stopped += 1;
  count.predicted += rows - bad;
  count.bad += bad;
}

interface Line {
  readonly line: number | undefined;
  readonly isBad: boolean;
}

function readTable(text: string): Line[] {
  const table: Record<string, string>[] = parse(text, { columns: true });
  return table.map((row) => ({ line: Number(row["line"]), isBad: row["error"] !== "" }));
}

function readObjects(text: string): Line[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const object: { error?: { line: number } } = JSON.parse(line);
      return { line: object.error?.line, isBad: object.error !== undefined };
    });
}

function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? 1;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Expected ${what}.`);
}

/** Creates a predictor of a random model on `NAMES`, of which the last two may be nullable. */
function createAnyPredictor(nullable: boolean): Predictor {
  const features = NAMES.map((name, index): Feature => {
    return {
      name,
      type: "number",
      precision: "float32",
      unit: null,
      min: 0,
      max: 3,
      nullable: nullable && index > 1,
    };
  });
  const { ensemble } = createRandomCase(nullable ? 7 : 8, { features: features.length, leaves: 6 });
  const executor = createForestExecutor(ensemble);
  const manifest = toManifest(executor, features);
  const model = { directory: "", manifest, executor, guard: null, example: [] };
  const options = {
    maxBatchRows: 100,
    oodAlpha: 0.01,
    oodPolicy: "warn",
    uncheckedPolicy: "flag",
    categoryPolicy: "warn",
    missingPolicy: "reject",
  } as const;
  return createPredictor(model, options, createMetrics({ process: false }), systemClock);
}
