import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importModel } from "../../src/training/import/import-model.ts";
import { trainModel } from "../../src/training/train-model.ts";
import { runCli, type Run } from "../support/cli.ts";
import { createFolder, type TemporaryFolder } from "../support/folders.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** The answer is "no" where work and pay are missing; the words for that are a string and a number. */
const ROWS = Array.from({ length: 120 }, (_, i) => {
  const isMissing = i % 3 === 0;
  const work = isMissing ? "-" : ["public", "private"][i % 2]!;
  const pay = isMissing ? "-999" : `${10 + (i % 17)}.5`;
  return [work, pay, i % 7, isMissing ? "no" : "yes"].join(",");
});
const CSV = ["work,pay,age,works", ...ROWS].join("\n");
const CSV_HEADERS = { "content-type": "text/csv", accept: "application/x-ndjson" };

let folder: TemporaryFolder;
let trained: Run;
let server: TestServer;
beforeAll(async () => {
  folder = await createFolder();
  await writeFile(join(folder.path, "jobs.csv"), CSV);
  const words = "train --data jobs.csv --target works --trees 16 --missing=-,-999";
  trained = await runCli(words.split(" "), folder.path);
  server = await startServer({ models: join(folder.path, "models") }, { prepare: async () => {} });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

interface Line {
  readonly label: string;
  readonly warnings: readonly { readonly code: string }[];
}

const toLines = (text: string): readonly Line[] =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
const toCodes = ({ warnings }: Line): readonly string[] => warnings.map(({ code }) => code);

describe("a model that was trained with --missing", () => {
  it("states the words in its manifest, if they are not the default ones", async () => {
    expect(trained).toMatchObject({ code: 0 });
    const { json } = await server.get("/models/jobs");
    expect(json.missing_values).toEqual(["-", "-999"]);
    const request = { data: { name: "jobs.csv", text: CSV }, target: "works", trees: 2 };
    const { model } = await trainModel({ ...request, missing: "?,na,N/A,NaN,None,null" });
    expect(model.manifest).not.toHaveProperty("missing_values");
  });

  it("scores its own training file", async () => {
    const { code, stdout } = await runCli(
      ["score", "jobs.csv", "--jobs", "1", "--output-format", "ndjson"],
      folder.path,
    );
    expect(code).toBe(0);
    const lines = toLines(stdout);
    expect(lines.map(({ label }) => label)).toEqual(ROWS.map((row) => row.split(",")[3]));
    expect(new Set(lines.flatMap(toCodes))).toEqual(new Set(["missing_value"]));
  });

  it("takes the words as missing in CSV over HTTP, and the default ones as values", async () => {
    const body = "work,pay,age\npublic,-999,3\n-,12.5,3\n?,12.5,3\n";
    const { text } = await server.send("/predict/batch", {
      method: "POST",
      headers: CSV_HEADERS,
      body,
    });
    expect(toLines(text).map(toCodes)).toEqual([
      ["missing_value"],
      ["missing_value"],
      ["unknown_category", "out_of_distribution"],
    ]);
  });
});

describe("a missing word in JSON", () => {
  const rows = ["public", "-", "?", ""].map((work) => ({ work, pay: 12.5, age: 3 }));

  it("predicts the same rows from NDJSON, from a batch and from CSV", async () => {
    const send = async (type: string, body: string): Promise<string> => {
      const headers = { "content-type": type, accept: "application/x-ndjson" };
      return (await server.send("/predict/batch", { method: "POST", headers, body })).text;
    };
    const csv = ["work,pay,age", ...rows.map((row) => Object.values(row).join(","))].join("\n");
    const fromCsv = await send("text/csv", csv);
    const unknown = ["unknown_category", "out_of_distribution"];
    const codes = [[], ["missing_value"], unknown, ["missing_value"]];
    expect(toLines(fromCsv).map(toCodes)).toEqual(codes);
    const ndjson = rows.map((row) => JSON.stringify(row)).join("\n");
    expect(await send("application/x-ndjson", ndjson)).toBe(fromCsv);
    const { json } = await server.post("/predict/batch", { instances: rows });
    expect(json.predictions).toEqual(toLines(fromCsv));
  });

  it("stays a number where it is one", async () => {
    const { json } = await server.post("/predict", { work: "public", pay: -999, age: 3 });
    expect(toCodes(json)).toEqual(["out_of_range", "out_of_distribution"]);
  });
});

it("an imported model keeps the words, too", async () => {
  const graph = await readFile(join(folder.path, "models/jobs/1/model.onnx"));
  const { model } = await importModel({ graph, missing: "-,-999" });
  expect(model.manifest.missing_values).toEqual(["-", "-999"]);
});
