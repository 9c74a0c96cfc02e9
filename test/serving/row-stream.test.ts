import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, it } from "vitest";
import { TepalError } from "../../src/kernel/errors.ts";
import { getReplyEncoder } from "../../src/serving/encode/encode-reply.ts";
import { MAX_RECORD_BYTES } from "../../src/serving/row-groups.ts";
import { createRowStream } from "../../src/serving/row-stream.ts";
import type { Predictor } from "../../src/serving/serving.ts";
import {
  IRIS,
  IRIS_CSV,
  IRIS_NAMES,
  toIrisObject,
  trainIris,
  trainPlane,
} from "../support/models.ts";
import { createTestPredictor, streamRows } from "../support/predictors.ts";
import { parseLines } from "../support/json.ts";

const HEADER = "sepal_length,sepal_width,petal_length,petal_width";
const GOOD = "5.1,3.5,1.4,0.2";
const ROWS = IRIS.map(({ row }) => row);

let iris: Predictor;
beforeAll(async () => {
  iris = (await createTestPredictor()).predictor;
});

/** Returns the objects of a JSON batch for rows. */
function predictBatch(rows: readonly unknown[], predictor = iris): unknown[] {
  const predictions = predictor.predictBatch({ instances: rows });
  const reply = getReplyEncoder(predictor).encodeBatch(predictions, "id");
  return JSON.parse(reply.toString()).predictions;
}

describe("rows as NDJSON", () => {
  it("equal those of a JSON batch, from CSV, from objects and from arrays", () => {
    const expected = predictBatch(ROWS);
    const objects = ROWS.map((row) => JSON.stringify(toIrisObject(row))).join("\n");
    const arrays = ROWS.map((row) => JSON.stringify(row)).join("\n");
    expect(parseLines(streamRows(iris, [IRIS_CSV]))).toEqual(expected);
    expect(parseLines(streamRows(iris, [objects], { input: "ndjson" }))).toEqual(expected);
    expect(parseLines(streamRows(iris, [arrays], { input: "ndjson" }))).toEqual(expected);
  });

  it("have the same warnings about ranges, outliers and unknown fields", () => {
    const odd = [{ ...toIrisObject([100, 3.5, 1.4, 0.2]), id: 7 }, [5.1, 99, 1.4, 0.2]];
    const lines = odd.map((row) => JSON.stringify(row)).join("\n");
    expect(parseLines(streamRows(iris, [lines], { input: "ndjson" }))).toEqual(predictBatch(odd));
  });

  it("are recorded like the rows of a batch", async () => {
    const one = await createTestPredictor();
    const other = await createTestPredictor();
    streamRows(one.predictor, [IRIS_CSV]);
    predictBatch(ROWS.slice(0, 75), other.predictor);
    predictBatch(ROWS.slice(75), other.predictor);
    const count = async ({ metrics }: typeof one): Promise<string[]> =>
      (await metrics.render())
        .split("\n")
        .filter((line) =>
          /^model_(?:predictions|p_value|feature_bin|out_of|confidence)/.test(line),
        );
    expect(await count(one)).toEqual(await count(other));
    expect((await count(one)).length).toBeGreaterThan(20);
  });
});

describe("rows as CSV", () => {
  it("have the values of NDJSON, column by column", () => {
    const text = `${IRIS_CSV.trim()}\n100,3.5,1.4,0.2,x\nfoo,3.5,1.4,0.2,x\n`;
    const objects = parseLines(streamRows(iris, [text]));
    const table: Record<string, string>[] = parse(streamRows(iris, [text], { output: "csv" }), {
      columns: true,
    });
    expect(table).toHaveLength(152);
    for (const [index, { error, ...object }] of objects.entries()) {
      const cells = table[index] ?? {};
      expect(cells["line"]).toBe(String(index + 2));
      if (error !== undefined) {
        expect(cells["prediction"]).toBe("");
        expect(cells["error"]).toBe('1 invalid value: sepal_length: Expected a number, got "foo".');
        continue;
      }
      expect(cells["error"]).toBe("");
      expect(cells["label"]).toBe(object.label);
      for (const [name, probability] of Object.entries(object.probabilities)) {
        expect(Number(cells[`probability_${name}`])).toBe(probability);
      }
      expect(Number(cells["p_value"])).toBe(object.out_of_distribution.p_value);
      expect(cells["is_outlier"]).toBe(String(object.out_of_distribution.is_outlier));
      const codes = object.warnings.map((warning: { code: string; feature?: string }) =>
        warning.feature === undefined ? warning.code : `${warning.code}:${warning.feature}`,
      );
      expect(cells["warnings"]).toBe(codes.join("; "));
    }
  });

  it("have a number for a regression", async () => {
    const { predictor } = await createTestPredictor({}, trainPlane, "plane");
    const text = streamRows(predictor, ["b,a\n3,4\n"], { output: "csv" });
    const [header, row = ""] = text.trim().split("\n");
    expect(header).toBe("line,prediction,p_value,is_outlier,warnings,error");
    const [expected] = parseLines(streamRows(predictor, ["a,b\n4,3\n"]));
    expect(Number(row.split(",")[1])).toBe(expected.prediction);
    expect(Math.abs(expected.prediction - 5.25)).toBeLessThan(0.5);
  });

  it("have class names that no spreadsheet takes for a formula", async () => {
    const text = IRIS_CSV.replaceAll("setosa", "=1+1").replaceAll("virginica", "a;=1+1");
    const { predictor } = await createTestPredictor({}, (models) =>
      trainIris(models, { data: { name: "iris.csv", text }, trees: 8 }),
    );
    const csv = streamRows(predictor, [text], { output: "csv" });
    const rows: Record<string, string>[] = parse(csv, { columns: true });
    expect(new Set(rows.map((row) => row["label"]))).toEqual(
      new Set(["'=1+1", "versicolor", "a;'=1+1"]),
    );
  });

  it("never start a cell with a string of the client, so that no spreadsheet takes it for a formula", () => {
    const hostile = ["=1+1", "+1+1x", "-2x", "@SUM(A1)", '"=HYPERLINK(""x"")"'];
    const csv = `${HEADER}\n${hostile.map((cell) => `${cell},1,1,1`).join("\n")}`;
    const lines = hostile.map((cell) =>
      JSON.stringify({ [cell]: 1, ...toIrisObject([1, 2, 3, 4]) }),
    );
    for (const text of [
      streamRows(iris, [csv], { output: "csv" }),
      streamRows(iris, [lines.join("\n")], { input: "ndjson", output: "csv" }),
    ]) {
      const cells: string[][] = parse(text);
      expect(cells).toHaveLength(hostile.length + 1);
      expect(cells.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
    }
  });
});

/** [name, rows, per row the values that are read or a part of the error] */
const CSV_CASES: readonly (readonly [string, string, readonly (readonly number[] | string)[]])[] = [
  [
    "CRLF",
    `${HEADER}\r\n1,2,3,4\r\n5,6,7,8\r\n`,
    [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ],
  ],
  [
    "CR",
    `${HEADER}\r1,2,3,4\r5,6,7,8\r`,
    [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ],
  ],
  ["a last line without an end", `${HEADER}\n1,2,3,4`, [[1, 2, 3, 4]]],
  ["a byte-order mark", `\ufeff${HEADER}\n1,2,3,4`, [[1, 2, 3, 4]]],
  [
    "a byte-order mark before a quote",
    `\ufeff"sepal_length",${HEADER.slice(13)}\n1,2,3,4`,
    [[1, 2, 3, 4]],
  ],
  ["blank lines", `\n \n${HEADER}\n\n1,2,3,4\n\t\n\n`, [[1, 2, 3, 4]]],
  ["quoted cells", `${HEADER}\n"1","2",3,"4"`, [[1, 2, 3, 4]]],
  [
    "blanks around cells",
    `${HEADER}\n 1,\t2 , 3\t,4 \n "1" , 2,3,4`,
    [
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ],
  ],
  ["signs, points, exponents", `${HEADER}\n+1,-.5,5.,1e-3`, [[1, -0.5, 5, 0.001]]],
  [
    "long numbers",
    `${HEADER}\n0.1000000000000000055,12345678901234567890,1,2`,
    [[0.1, Number("12345678901234567890"), 1, 2]],
  ],
  [
    "another order and other columns",
    "x,petal_width,petal_length,sepal_width,sepal_length\na,4,3,2,1",
    [[1, 2, 3, 4]],
  ],
  [
    "delimiters, quotes and line ends in a column that is not a feature",
    `n,${HEADER}\n"a,""b\r\nc",1,2,3,4\n"x",1,2,3,4`,
    [
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ],
  ],
  [
    "a quote inside a cell that is not a feature",
    `n,${HEADER}\n5" x,1,2,3,4\n6",1,2,3,4`,
    [
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ],
  ],
  [
    "too few cells",
    `${HEADER}\n1,2,3\n${GOOD}`,
    ["Expected 4 cells as in the header, got 3.", [5.1, 3.5, 1.4, 0.2]],
  ],
  ["too many cells", `${HEADER}\n1,2,3,4,5`, ["Expected 4 cells as in the header, got 5."]],
  ["a missing cell", `${HEADER}\n1,,3,NA`, ['"sepal_width","detail":"Missing.']],
  ["a word", `${HEADER}\n1,2,3,x`, ['"petal_width","detail":"Expected a number, got']],
  ["a hexadecimal number", `${HEADER}\n1,2,3,0x10`, ["Expected a number, got"]],
  [
    "a lone sign or point",
    `${HEADER}\n-,2,3,4\n.,2,3,4`,
    ["Expected a number, got", "Expected a number, got"],
  ],
  ["a number beyond float32", `${HEADER}\n1,2,3,1e39`, ["Expected a number from"]],
  [
    "characters after a closing quote",
    `${HEADER}\n"1"2,2,3,4`,
    ["Expected a delimiter after the closing quote of cell 1."],
  ],
  [
    "an unclosed quote",
    `${HEADER}\n${GOOD}\n"1,2,3,4\n${GOOD}`,
    [[5.1, 3.5, 1.4, 0.2], "Expected a closing quote"],
  ],
  [
    "bytes that are not UTF-8",
    Buffer.from([...Buffer.from(`${HEADER}\n1,2,3,`), 0xff]).toString("latin1"),
    ["Expected a number, got"],
  ],
];

describe("CSV is read with", () => {
  it.each(CSV_CASES)("%s", (_what, text, expected) => {
    const found = parseLines(streamRows(iris, [text]));
    expect(found).toHaveLength(expected.length);
    for (const [index, row] of expected.entries()) {
      if (typeof row === "string") expect(JSON.stringify(found[index].error)).toContain(row);
      else expect(found[index]).toEqual(predictBatch([row])[0]);
    }
  });

  it("line numbers as an editor counts them", () => {
    const text = `n,${HEADER}\r\n"a\r\nb\nc\rd",x,2,3,4\r\n\r\n,x,2,3,4\n"e\n",1,2,3,4\n,x,2,3,4`;
    const table: Record<string, string>[] = parse(streamRows(iris, [text], { output: "csv" }), {
      columns: true,
    });
    expect(table.map(({ line }) => line)).toEqual(["2", "7", "8", "10"]);
  });

  it("the numbers that JavaScript reads, with any digits", () => {
    const decimal = fc.tuple(
      fc.constantFrom("", "-", "+"),
      fc.nat(1e9),
      fc.stringMatching(/^\d{0,18}$/),
    );
    fc.assert(
      fc.property(decimal, ([sign, whole, decimals]) => {
        const text = `${sign}${whole}.${decimals}`;
        const [found] = parseLines(streamRows(iris, [`${HEADER}\n${text},1,1,1`]));
        const range = found.warnings.find(
          ({ feature }: { feature: string }) => feature === "sepal_length",
        );
        const expected = Number(text) + 0; // JSON has no −0
        expect(range?.value ?? expected).toBe(expected);
      }),
    );
  });

  it.each([
    ["nothing", "", "Expected a CSV header with column names, got no rows."],
    ["blank lines only", "\n\n", "Expected a CSV header with column names, got no rows."],
    [
      "a header without a required column",
      "sepal_length,sepal_width,petal_length\n1,2,3",
      "petal_width: Missing. Expected a column of this name.",
    ],
    [
      "a header with a duplicate column",
      `${HEADER},sepal_width\n1,2,3,4,5`,
      "sepal_width: Expected 1 column of this name, got 2.",
    ],
    ["rows without a header", `${GOOD}\n${GOOD}`, "sepal_length: Missing."],
    ["a header that is too long", "x".repeat(MAX_RECORD_BYTES + 1), "The header is longer than"],
    [
      "a header in Latin-1",
      Buffer.from("größe,art\n1,2", "latin1"),
      'Expected UTF-8, got the byte 0xf6 on line 1 ("ö" in Latin-1). Convert the rows to UTF-8.',
    ],
    ["a header in UTF-16", Buffer.from(HEADER, "utf16le"), "Expected UTF-8, got UTF-16."],
    [
      "a header with semicolons",
      HEADER.replaceAll(",", ";"),
      'Expected "," between the columns of the CSV header, got ";".',
    ],
    ["compressed data", gzipSync(HEADER), "column names, got gzip-compressed data."],
    ["JSON", '{"a": 1}\n', "column names, got a JSON document."],
  ])("an error for %s", (_what, text, message) => {
    expect(() => streamRows(iris, [text])).toThrow(message);
  });
});

describe("a row in another encoding", () => {
  it("is named if a feature has its bytes, and is read if another column has", () => {
    const header = Buffer.from(`${HEADER},name\n`);
    const rows = Buffer.from(`1,2,3,é,x\n${GOOD},é\n${GOOD},"é"\n`, "latin1");
    const [bad, ...good] = parseLines(streamRows(iris, [header, rows]));
    expect(bad.error).toMatchObject({
      line: 2,
      detail: 'Expected UTF-8, got the byte 0xe9 ("é" in Latin-1).',
    });
    expect(good).toHaveLength(2);
    for (const row of good) expect(row.label).toBe("setosa");
  });
});

describe("decimal commas", () => {
  it("are read on request, and explained otherwise", () => {
    const text = `${HEADER.replaceAll(",", ";")}\n${GOOD.replaceAll(",", ";").replaceAll(".", ",")}\n`;
    const options = { delimiter: ";", decimal: "comma" } as const;
    expect(parseLines(streamRows(iris, [text], options))).toEqual(
      predictBatch([[5.1, 3.5, 1.4, 0.2]]),
    );
    const [bad] = parseLines(streamRows(iris, [text], { delimiter: ";" }));
    expect(JSON.stringify(bad.error)).toContain("Write it with a decimal point.");
    const [point] = parseLines(
      streamRows(iris, [`${HEADER.replaceAll(",", ";")}\n5.1;1e0;-,5;2,\n`], options),
    );
    expect(point.error.errors).toHaveLength(1);
    expect(point.error.errors[0].column).toBe("sepal_length");
  });
});

describe("a bad line of NDJSON", () => {
  it("ends at its line end, also inside an array or between the fields of an object", () => {
    const rows = ["[1,2,", "3,4]", '{"sepal_length":1,"sepal_width":2,', '"petal_length":3}'];
    const found = parseLines(streamRows(iris, [rows.join("\n")], { input: "ndjson" }));
    expect(found.map(({ error }) => error?.code)).toEqual(rows.map(() => "MALFORMED_JSON"));
  });

  it.each([
    ["invalid JSON", "{", "MALFORMED_JSON", "The line is not valid JSON"],
    ["bytes that are not UTF-8", Buffer.from([0x22, 0xff, 0x22]), "MALFORMED_JSON", "UTF-8"],
    ["a number", "7", "INVALID_INPUT", "Expected an object or an array of numbers, got 7."],
    ["a short array", "[1,2]", "INVALID_INPUT", "got 2."],
    ["a part of an array", "[1,2,", "MALFORMED_JSON", "The line is not valid JSON"],
    ["bytes behind an array", "[1,2,3,4],", "MALFORMED_JSON", "The line is not valid JSON"],
    ["a missing field", '{"sepal_length":1}', "INVALID_INPUT", "/sepal_width"],
    ["a field twice", '{"sepal_length":1,"sepal_length":1}', "INVALID_INPUT", "/sepal_length"],
    ["deep arrays", "[".repeat(100), "INVALID_INPUT", "at most 64 nested"],
    ["a string", '{"sepal_length":"1"}', "INVALID_INPUT", "without quotes"],
    ["a long string", `"${"x".repeat(2 * MAX_RECORD_BYTES)}"`, "INVALID_INPUT", "is longer than"],
  ])("has an error line with its number: %s", (_what, line, code, text) => {
    const pieces = [`[${GOOD}]\n\n`, line, `\n[${GOOD}]\n`];
    const found = parseLines(streamRows(iris, pieces, { input: "ndjson" }));
    expect(found).toHaveLength(3);
    expect(found[0].label).toBe("setosa");
    expect(found[2].label).toBe("setosa");
    expect(found[1].error).toMatchObject({ line: 3, code });
    expect(JSON.stringify(found[1])).toContain(text);
  });
});

describe("a bad row", () => {
  it("stops the stream after its error line, with on_bad_row=stop", () => {
    const stream = createRowStream(iris, { input: "csv", output: "ndjson", onBadRow: "stop" });
    const rows = Buffer.from(`${HEADER}\n${GOOD}\nx,1,1,1\n${GOOD}\n`);
    const found = parseLines(stream.push(rows).toString());
    expect(found.map(({ error }) => error?.line)).toEqual([undefined, 3]);
    expect(stream.isStopped).toBe(true);
    expect(stream.push(Buffer.from(`${GOOD}\n`))).toHaveLength(0);
    expect(stream.end()).toHaveLength(0);
    expect(stream.counts).toEqual({ rows: 2, bad: 1, outliers: 0, unchecked: 0 });
    expect(stream.firstError).toBeUndefined();
  });

  it("is a row that the policy rejects; the others are predicted and recorded", async () => {
    const { predictor, metrics } = await createTestPredictor({ oodPolicy: "reject" });
    const text = `${HEADER}\n${GOOD}\n100,3.5,1.4,0.2\n${GOOD}\n`;
    const found = parseLines(streamRows(predictor, [text]));
    expect(found.map(({ error }) => error?.code)).toEqual([
      undefined,
      "OUT_OF_DISTRIBUTION",
      undefined,
    ]);
    const rendered = await metrics.render();
    expect(rendered).toContain(
      'model_predictions_total{model="iris",version="1",class="setosa"} 2',
    );
    const stopped = parseLines(streamRows(predictor, [text], { onBadRow: "stop" }));
    expect(stopped.map(({ error }) => error?.line)).toEqual([undefined, 3]);
  });

  it("with an unclosed quote loses a mebibyte of rows and not the rest", () => {
    const rows = `${GOOD}\n`.repeat(Math.ceil(MAX_RECORD_BYTES / GOOD.length) + 1_000);
    const found = parseLines(streamRows(iris, [`${HEADER}\n"1,2,3,4\n`, rows]));
    expect(found[0].error).toMatchObject({ line: 2 });
    expect(found[0].error.detail).toContain("longer than");
    const lost = MAX_RECORD_BYTES / (GOOD.length + 1);
    expect(found.length).toBeGreaterThan(rows.length / (GOOD.length + 1) - lost - 3);
    expect(found.at(-1).label).toBe("setosa");
  });
});

describe("for any chunks of the bytes", () => {
  const piece = fc.constantFrom(
    "1",
    "5.1",
    ",",
    ",",
    '"',
    '""',
    "\n",
    "\r",
    "\r\n",
    "x",
    " ",
    "\ufeff",
    "ä",
    "é\u0301",
    GOOD,
    `${GOOD}\n`,
    `"5.1",3.5,1.4,0.2\r\n`,
    `[${GOOD}]\n`,
    "{",
    "}",
    "NA",
  );
  const cuts = fc.array(fc.nat(40), { maxLength: 12 });

  it.each(["csv", "ndjson"] as const)("%s has the same output", (input) => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        cuts,
        fc.boolean(),
        (pieces, lengths, stops) => {
          const head = input === "csv" ? `\ufeff${HEADER}\r\n` : "\ufeff";
          const bytes = Buffer.from(head + pieces.join(""));
          const chunks: Buffer[] = [];
          let at = 0;
          for (let i = 0; at < bytes.length; i++) {
            const length =
              (lengths[i % Math.max(1, lengths.length)] ?? 0) + (lengths.length > 0 ? 0 : 1);
            chunks.push(bytes.subarray(at, at + length));
            at += length;
            if (i > 2_000) chunks.push(bytes.subarray(at));
            if (i > 2_000) break;
          }
          const options = { input, output: "csv", onBadRow: stops ? "stop" : "skip" } as const;
          const whole = streamRows(iris, [bytes], options);
          expect(streamRows(iris, chunks, options)).toBe(whole);
          expect(
            streamRows(
              iris,
              Array.from(bytes, (byte) => Buffer.from([byte])),
              options,
            ),
          ).toBe(whole);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("a record of a mebibyte is read, and a longer one is rejected", () => {
    const row = `${GOOD},${"x".repeat(MAX_RECORD_BYTES)}`;
    for (const extra of [0, 1, 2]) {
      const bytes = Buffer.from(
        `${HEADER},n\n${row.slice(0, MAX_RECORD_BYTES + extra)}\n${GOOD},\n`,
      );
      for (const tail of [0, 1, 2, 19, 20, 21, 22, 23]) {
        const at = bytes.length - tail;
        const found = parseLines(streamRows(iris, [bytes.subarray(0, at), bytes.subarray(at)]));
        expect(found.map(({ label }) => label)).toEqual([
          extra === 0 ? "setosa" : undefined,
          "setosa",
        ]);
      }
    }
  });

  it("CSV has the same records as in training data", () => {
    const cell = fc.constantFrom("1", "2.5", '"3"', '"a,b"', '"x\ny"', '"p""q"', " 4 ", "", "ä");
    const row = fc.array(cell, { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 8 }),
        fc.constantFrom("\n", "\r\n"),
        (rows, end) => {
          const text = [`n,${HEADER}`, ...rows.map((cells) => cells.join(","))].join(end);
          const records: string[][] = parse(text, { trim: true, skip_empty_lines: true });
          const found = parseLines(streamRows(iris, [text]));
          expect(found).toHaveLength(records.length - 1);
          for (const [index, record] of records.slice(1).entries()) {
            const values = record
              .slice(1)
              .map((value) => (/^[\d.]+$/.test(value) ? Number(value) : undefined));
            if (values.includes(undefined)) expect(found[index].error.code).toBe("INVALID_INPUT");
            else expect(found[index]).toEqual(predictBatch([values])[0]);
          }
        },
      ),
    );
  });
});

it("throws nothing but TepalErrors", () => {
  expect(() => streamRows(iris, ["\0"])).toThrow(TepalError);
  expect(IRIS_NAMES.join(",")).toBe(HEADER);
});

describe("a stream of rows returns nothing before its input is understood", () => {
  const BAD = "x,3.5,1.4,0.2";
  const INPUTS: readonly (readonly [what: string, text: string, options: object])[] = [
    ["a wrong header", `foo,bar\n${GOOD}\n`, {}],
    ["a wrong header without a line end", "foo,bar", {}],
    ["JSON", '{"instances":[[5.1,3.5,1.4,0.2]]}', {}],
    ["values only", GOOD, {}],
    ["line ends only", "\ufeff\r\n\r\n \n", {}],
    ["a byte-order mark only", "\ufeff", {}],
    ["an open quote", `"${HEADER}\n${GOOD}\n`, {}],
    ["a bad first row, with stop", `${HEADER}\r\n${BAD}\r\n${GOOD}\r\n`, { onBadRow: "stop" }],
    ["a bad only row, with stop", `${HEADER}\n${BAD}`, { onBadRow: "stop" }],
    [
      "a bad first line, with stop",
      `{"x": 1}\n[5.1,3.5,1.4,0.2]\n`,
      { input: "ndjson", output: "csv", onBadRow: "stop" },
    ],
  ];

  /** Returns the output that was sent before the error. */
  function sendUntilError(chunks: readonly Buffer[], options: object): string {
    const rows = createRowStream(iris, {
      input: "csv",
      output: "csv",
      onBadRow: "skip",
      ...options,
    });
    let sent = "";
    try {
      for (const chunk of chunks) {
        const output = rows.push(chunk);
        if (rows.firstError !== undefined) throw rows.firstError;
        sent += output.toString();
      }
      const output = rows.end();
      if (rows.firstError !== undefined) throw rows.firstError;
      sent += output.toString();
    } catch (error) {
      expect(error).toBeInstanceOf(TepalError);
      expect(error).toMatchObject({ code: "INVALID_INPUT" });
      return sent;
    }
    throw new Error(`Expected an error, got ${sent}`);
  }

  it.each(INPUTS)("%s, however it is cut", (_what, text, options) => {
    const bytes = Buffer.from(text);
    expect(sendUntilError([bytes], options)).toBe("");
    for (let at = 0; at <= bytes.length; at++) {
      expect(sendUntilError([bytes.subarray(0, at), bytes.subarray(at)], options)).toBe("");
    }
    const single = Array.from(bytes, (byte) => Buffer.of(byte));
    expect(sendUntilError(single, options)).toBe("");
  });

  it("a header that never ends is rejected at its limit", () => {
    const rows = createRowStream(iris, { input: "csv", output: "csv", onBadRow: "skip" });
    const chunk = Buffer.alloc(MAX_RECORD_BYTES / 4, "x");
    for (let i = 0; i < 4; i++) expect(rows.push(chunk)).toHaveLength(0);
    expect(() => rows.push(chunk)).toThrow("The header is longer than");
  });
});
