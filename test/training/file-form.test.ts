import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TepalError } from "../../src/kernel/errors.ts";
import type { TextEncoding } from "../../src/kernel/text-encoding.ts";
import { openInput } from "../../src/scoring/open-input.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import { trainModel } from "../../src/training/train-model.ts";
import type { FileForm } from "../../src/training/training.ts";
import { runCli } from "../support/cli.ts";
import { createFolder, type TemporaryFolder } from "../support/folders.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** Rows with numbers and strings that are not ASCII. */
const ROWS = Array.from({ length: 60 }, (_, i) => [
  `${(i % 3) * 2 + (i % 7) / 8}`,
  `${i / 4}`,
  "éèp"[i % 3] ?? "",
]);
const HEADER = ["größe", "b", "art"];
const write = (delimiter: string, decimal = "."): string =>
  [
    HEADER,
    ...ROWS.map(([a = "", b = "", c = ""]) => [
      a.replace(".", decimal),
      b.replace(".", decimal),
      c,
    ]),
  ]
    .map((cells) => cells.join(delimiter))
    .join("\n");
const PLAIN = write(",");

const ENCODERS: Readonly<Record<string, (text: string) => Buffer>> = {
  "utf-8": (text) => Buffer.from(text),
  "latin-1": (text) => Buffer.from(text, "latin1"),
  "utf-16": (text) => Buffer.from(text, "utf16le"),
  "utf-16 with a mark": (text) => Buffer.from(`\ufeff${text}`, "utf16le"),
  "utf-16 big-endian with a mark": (text) => Buffer.from(`\ufeff${text}`, "utf16le").swap16(),
};

let folder: TemporaryFolder;
let server: TestServer;
/** The ONNX file of the model for the plain rows. */
let graph: Buffer;
/** The scored plain rows. */
let scored: string;
const at = (name: string): string => join(folder.path, name);
beforeAll(async () => {
  folder = await createFolder();
  await writeFile(at("plain.csv"), PLAIN);
  const request = { data: at("plain.csv"), target: "art", name: "art", trees: 8 };
  const { directory } = await trainModel({ ...request, models: at("models") });
  graph = await readFile(join(directory, "model.onnx"));
  server = await startServer({}, { prepare: (models) => trainModel({ ...request, models }) });
  const run = await runCli(["score", "plain.csv", "--jobs", "1"], folder.path);
  scored = run.stdout;
  if (run.code !== 0) throw new Error(run.stderr);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** Trains, and returns the ONNX file with the notices. */
async function train(
  data: string,
  form: FileForm = {},
): Promise<{ bytes: Buffer; notices: string[] }> {
  await using own = await createFolder();
  const notices: string[] = [];
  const request = { data, target: "art", name: "x", trees: 8, models: own.path, ...form };
  const { directory } = await trainModel(request, { onNotice: (notice) => notices.push(notice) });
  return { bytes: await readFile(join(directory, "model.onnx")), notices };
}

async function importData(
  data: string,
  form: FileForm = {},
): Promise<{ fit: number | null; notices: string[] }> {
  const notices: string[] = [];
  const request = { graph, data, target: "art", name: "x", ...form };
  const { fit } = await importModel(request, { onNotice: (notice) => notices.push(notice) });
  return { fit, notices };
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "nothing was thrown",
    (error: unknown) =>
      error instanceof TepalError ? `${error.code} ${error.message}` : String(error),
  );
}

describe("a file in another encoding", () => {
  it.each([
    ["latin-1", 'Expected UTF-8, got the byte 0xf6 on line 1 ("ö" in Latin-1).'],
    ["utf-16", "Expected UTF-8, got UTF-16."],
  ])(
    "is named with the same sentence by train, import, score and HTTP: %s",
    async (encoding, sentence) => {
      const path = at(`${encoding}.csv`);
      const bytes = ENCODERS[encoding]?.(PLAIN) ?? Buffer.alloc(0);
      await writeFile(path, bytes);
      const advice = `${sentence} Set --encoding ${encoding}, or convert the file to UTF-8.`;
      expect(await messageOf(train(path))).toBe(`INVALID_DATA ${encoding}.csv: ${advice}`);
      expect(await messageOf(importData(path))).toBe(`INVALID_DATA ${encoding}.csv: ${advice}`);
      const score = await runCli(["score", path, "--jobs", "1"], folder.path);
      expect(score).toMatchObject({ code: 1, stdout: "" });
      expect(score.stderr).toContain(advice);
      const reply = await server.send("/predict/batch", {
        method: "POST",
        headers: { "content-type": "text/csv" },
        body: bytes,
      });
      expect(reply.status).toBe(422);
      expect(reply.json.detail).toBe(`${sentence} Convert the rows to UTF-8.`);
    },
  );

  it.each<[string, TextEncoding]>([
    ["latin-1", "latin-1"],
    ["utf-16", "utf-16"],
  ])("is read on request by train, import and score: %s", async (name, encoding) => {
    const path = at(`${name}-read.csv`);
    await writeFile(path, ENCODERS[name]?.(PLAIN) ?? "");
    expect(await train(path, { encoding })).toEqual({ bytes: graph, notices: [] });
    expect((await importData(path, { encoding })).fit).toBeGreaterThan(0.9);
    const words = ["score", path, "--jobs", "1", "--encoding", encoding];
    expect(await runCli(words, folder.path)).toMatchObject({ code: 0, stdout: scored });
  });

  it.each(["utf-16 with a mark", "utf-16 big-endian with a mark"])(
    "is read by its byte-order mark, with a notice: %s",
    async (name) => {
      await writeFile(at("mark.csv"), ENCODERS[name]?.(PLAIN) ?? "");
      const notices = [expect.stringMatching(/^mark\.csv: read as UTF-16 .*--encoding/)];
      expect(await train(at("mark.csv"))).toEqual({ bytes: graph, notices });
      expect((await importData(at("mark.csv"))).notices).toEqual(notices);
      const score = await runCli(["score", "mark.csv", "--jobs", "1"], folder.path);
      expect(score).toMatchObject({ code: 0, stdout: scored });
      expect(score.stderr).toContain("mark.csv: read as UTF-16");
    },
  );

  it.each(["big.csv", "big.csv.gz"])(
    "is read from any offset, as a run resumes: %s",
    async (name) => {
      const text = `${PLAIN}\n`.repeat(2_000);
      const bytes = Buffer.from(text, "utf16le");
      await writeFile(at(name), name.endsWith(".gz") ? gzipSync(bytes) : bytes);
      const whole = Buffer.from(text);
      for (const offset of [0, 1, 99_999, whole.length - 1]) {
        const chunks = await Array.fromAsync(openInput(at(name), offset, "utf-16").chunks);
        expect(Buffer.concat(chunks).equals(whole.subarray(offset))).toBe(true);
      }
    },
  );
});

describe("a file of another form", () => {
  it.each([
    [";", ".", '";" separates the columns (detected; --delimiter overrides this).'],
    ["\t", ".", '"\\t" separates the columns (detected; --delimiter overrides this).'],
    [
      ";",
      ",",
      '";" separates the columns and "," is the decimal mark (detected; --delimiter and --decimal override this).',
    ],
  ])(
    "is read by train, import and score, with a notice: %j %j",
    async (delimiter, decimal, notice) => {
      const path = at("form.csv");
      await writeFile(path, write(delimiter, decimal));
      expect(await train(path)).toEqual({ bytes: graph, notices: [`form.csv: ${notice}`] });
      const imported = await importData(path);
      expect(imported.fit).toBeGreaterThan(0.9);
      expect(imported.notices).toEqual([`form.csv: ${notice}`]);
      const score = await runCli(["score", path, "--jobs", "1"], folder.path);
      expect(score).toMatchObject({ code: 0, stdout: scored });
      expect(score.stderr).toContain(`form.csv: ${notice}`);
    },
  );

  it("is read as given", async () => {
    await writeFile(at("form.csv"), write(";", ","));
    const given = { delimiter: ";", decimal: "comma" } as const;
    expect(await train(at("form.csv"), given)).toEqual({ bytes: graph, notices: [] });
    const wrong = await messageOf(train(at("form.csv"), { ...given, decimal: "point" }));
    expect(wrong).toContain("set --decimal comma");
    expect(await messageOf(train(at("form.csv"), { delimiter: "," }))).toContain('--delimiter ";"');
  });

  it("with numbers that may have thousands is rejected with the choice", async () => {
    const rows = ROWS.map(([, b, c], i) => `1,${500 + i};${Math.round(Number(b))};${c}`);
    await writeFile(at("thousands.csv"), [HEADER.join(";"), ...rows].join("\n"));
    expect(await messageOf(train(at("thousands.csv")))).toContain(
      'Expected a number with a decimal point, got "1,500". If numbers have a decimal comma, set --decimal comma. Thousands may have separators where this is certain',
    );
  });

  it.each([
    [
      "t.xlsx",
      "PK\x03\x04\x14\0[Content_Types].xml",
      "Expected CSV, got an Excel workbook. Save the table as CSV.",
    ],
    [
      "t.csv.gz",
      gzipSync(PLAIN).toString("latin1"),
      "Expected CSV, got gzip-compressed data. Decompress the file first.",
    ],
    ["t.parquet", "PAR1\x15", "Expected CSV, got a Parquet file."],
    ["t.json", '[{"a": 1}]', "Expected CSV, got a JSON document."],
  ])("that is no table of text is named: %s", async (name, content, message) => {
    await writeFile(at(name), content, "latin1");
    expect(await messageOf(train(at(name)))).toContain(`INVALID_DATA ${name}: ${message}`);
    expect(await messageOf(importData(at(name)))).toContain(message);
  });

  it.each([
    ['a;b\n"1"x;2\n', 'line 2, row 1: Expected ";" after a closing quote, got other characters.'],
    ['a,b\n1"2,3\n', "line 2, row 1: Expected quotes around a whole cell, got one inside a cell."],
    ['a,b\n"1,2\n', "row 1: Expected a closing quote, got the end of the file."],
    ["a,b\n1,2,3\n", "line 2, row 1: Expected 2 cells as in the header, got 3."],
  ])("gets a message of Tepal's, not of a library: %j", async (text, message) => {
    await writeFile(at("bad.csv"), text);
    const found = await messageOf(train(at("bad.csv")));
    expect(found).toContain(message);
    expect(found).not.toMatch(/Invalid (?:Closing|Opening|Record)|CSV_|at line/);
  });
});

describe("values that float32 cannot hold", () => {
  it("draw a warning that names feature and target, and an honest out-of-bag score", async () => {
    const data = Array.from({ length: 90 }, (_, i) => ({
      serial: 16_777_216 + (i % 2),
      position: i,
      amount: 1e9 + i,
    }));
    const warnings: string[] = [];
    const { report } = await trainModel(
      { data, target: "amount", task: "regression", name: "x", trees: 32 },
      { onWarning: (warning) => warnings.push(warning) },
    );
    expect(warnings).toEqual([
      expect.stringMatching(/^the table: column "serial": 2 distinct values become 1 in float32/),
      expect.stringMatching(
        /^the table: column "amount": 90 distinct values become [23] in float32/,
      ),
    ]);
    if (report.task !== "regression") throw new Error("Expected a regression.");
    // The model answers with multiples of 64; the targets span 90.
    expect(report.out_of_bag.score).toBeLessThan(0.7);
    expect(Math.abs((report.out_of_bag.score ?? 0) - (report.r_squared ?? 0))).toBeLessThan(0.25);
  });
});
