import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { TepalError } from "../../src/kernel/errors.ts";
import { cutBlocks, readHeader } from "../../src/scoring/cut-blocks.ts";
import { MAX_RECORD_BYTES } from "../../src/serving/row-groups.ts";
import type { Predictor } from "../../src/serving/serving.ts";
import { createTestPredictor, streamRows } from "../support/predictors.ts";

const HEADER = "sepal_length,sepal_width,petal_length,petal_width,n";
const GOOD = "5.1,3.5,1.4,0.2,x";

let iris: Predictor;
beforeAll(async () => {
  iris = (await createTestPredictor()).predictor;
});

async function* cutEvery(bytes: Buffer, length: number, from = 0): AsyncGenerator<Buffer> {
  for (let at = from; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

interface Cuts {
  readonly chunk: number;
  readonly block: number;
}

/** Scores an input block by block from the end of its header, as the threads do. */
async function scoreBlocks(
  bytes: Buffer,
  input: "csv" | "ndjson",
  { chunk, block }: Cuts,
): Promise<{ text: string; largest: number }> {
  const start =
    input === "csv"
      ? await readHeader(cutEvery(bytes, chunk), ",")
      : { header: undefined, offset: 0, line: 1 };
  const options = { input, delimiter: ",", ...start, blockBytes: block };
  let text = "";
  let largest = 0;
  let expected = start.offset;
  for await (const { bytes: piece, line, end } of cutBlocks(
    cutEvery(bytes, chunk, start.offset),
    options,
  )) {
    const { header } = start;
    text += streamRows(iris, [Buffer.from(piece)], {
      input,
      output: "csv",
      omitHeader: true,
      firstLine: line,
      ...(header !== undefined && { header }),
    });
    largest = Math.max(largest, piece.length);
    expect(end.offset).toBeGreaterThan(expected);
    expected = end.offset;
  }
  if (largest > 0) expect(expected).toBe(bytes.length);
  return { text, largest };
}

describe("cutBlocks", () => {
  const piece = fc.constantFrom(
    "\n",
    "\r",
    "\r\n",
    "\r\n",
    "\n\n",
    '"',
    '"a\r\nb",',
    "x",
    ",",
    " ",
    "ä",
    `${GOOD}\n`,
    `${GOOD}\r\n`,
    `5.1,3.5,1.4,0.2,"p\nq"\n`,
    `[5.1,3.5,1.4,0.2]\n`,
    GOOD,
  );
  const cuts = fc.record({
    chunk: fc.integer({ min: 1, max: 60 }),
    block: fc.integer({ min: 1, max: 80 }),
  });

  it.each(["csv", "ndjson"] as const)(
    "yields blocks that score like the whole %s input",
    async (input) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(piece, { maxLength: 40 }),
          cuts,
          fc.constantFrom("\ufeff", "", "\r\n", " \n"),
          fc.constantFrom("\r\n", "\n", "\r"),
          async (pieces, how, head, end) => {
            const first = input === "csv" ? `${head}${HEADER}${end}` : head;
            const bytes = Buffer.from(first + pieces.join(""));
            const whole = streamRows(iris, [bytes], { input, output: "csv" });
            const { text } = await scoreBlocks(bytes, input, how);
            expect(text).toBe(whole.slice(whole.indexOf("\n") + 1));
          },
        ),
        { numRuns: 300 },
      );
    },
  );

  it("keeps no more of an oversized line than is needed to reject it", async () => {
    const rows = `${GOOD}\n`.repeat(10);
    const bytes = Buffer.from(`${HEADER}\n${rows}${"x".repeat(8 * MAX_RECORD_BYTES)}\n${rows}`);
    const { text, largest } = await scoreBlocks(bytes, "csv", { chunk: 65_536, block: 100_000 });
    expect(largest).toBeLessThan(MAX_RECORD_BYTES + 4 * 65_536);
    const whole = streamRows(iris, [bytes], { output: "csv" });
    expect(text).toBe(whole.slice(whole.indexOf("\n") + 1));
  });

  it.each(["", "\n\n", "\ufeff", " \r\n \r\n"])("finds no header in %j", async (text) => {
    const reading = readHeader(cutEvery(Buffer.from(text), 2), ",");
    await expect(reading).rejects.toThrow(TepalError);
  });
});
