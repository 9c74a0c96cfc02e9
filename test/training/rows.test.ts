import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createServer, type Server, type ServerOptions } from "../../src/server.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import { trainModel } from "../../src/training/train-model.ts";
import type { DataRow, DataSource } from "../../src/training/training.ts";
import { createFolder } from "../support/folders.ts";
import { IRIS, IRIS_CSV, copyIris, toIrisObject } from "../support/models.ts";

const run = promisify(execFile);
const ENTRY = new URL("../../src/index.ts", import.meta.url).href;
const IRIS_ROWS: readonly DataRow[] = IRIS.map(({ row, species }) => ({
  ...toIrisObject(row),
  species,
}));
const BASE = { name: "iris", target: "species", trees: 8 } as const;

/** Ten rows of one feature and two classes, with changes to the second row. */
function createRows(second: DataRow = {}): DataRow[] {
  const rows: DataRow[] = Array.from({ length: 10 }, (_, a) => ({ a, y: a < 5 ? "p" : "q" }));
  rows[1] = { ...rows[1], ...second };
  return rows;
}

async function withServer<T>(
  options: ServerOptions,
  use: (server: Server, url: string) => Promise<T>,
): Promise<T> {
  const server = await createServer({
    port: 0,
    drainTimeout: 0.02,
    maxEventLoopLag: 60,
    ...options,
  });
  try {
    return await use(server, await server.listen());
  } finally {
    await server.close();
  }
}

async function predict(url: string, body: object): Promise<unknown> {
  const reply = await fetch(`${url}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(reply.status).toBe(200);
  return reply.json();
}

const IRIS_COLUMNS = Object.fromEntries(
  Object.keys(IRIS_ROWS[0] ?? {}).map((name) => [name, IRIS_ROWS.map((row) => row[name])]),
);

describe("trainModel", () => {
  it("grows the same forest from a path, a CSV text, rows and columns", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "iris.csv");
    await writeFile(path, IRIS_CSV);
    const sources: DataSource[] = [
      path,
      { name: "iris.csv", text: IRIS_CSV },
      IRIS_ROWS,
      IRIS_COLUMNS,
    ];
    const digests: string[] = [];
    for (const [i, data] of sources.entries()) {
      const models = join(folder.path, String(i));
      const { directory } = await trainModel({ ...BASE, data, models });
      const files = ["model.onnx", "reference.bin", "golden.json"];
      const bytes = await Promise.all(files.map((file) => readFile(join(directory, file))));
      digests.push(createHash("sha256").update(Buffer.concat(bytes)).digest("hex"));
    }
    expect(new Set(digests).size).toBe(1);
  });

  it("rejects columns of different lengths", async () => {
    const data = { a: [1, 2, 3], species: ["p", "q"] };
    await expect(trainModel({ ...BASE, data })).rejects.toMatchObject({
      code: "INVALID_DATA",
      problems: [{ at: 'column "species"', message: "Expected 3 values, got 2." }],
    });
  });

  it("states in the manifest where the rows come from", async () => {
    const text = await trainModel({ ...BASE, data: { name: "iris.csv", text: IRIS_CSV } });
    expect(text.model.manifest.provenance).toMatchObject({
      data: "iris.csv",
      data_sha256: createHash("sha256").update(IRIS_CSV).digest("hex"),
    });
    const rows = await trainModel({ ...BASE, data: IRIS_ROWS });
    const again = await trainModel({ ...BASE, data: [...IRIS_ROWS] });
    const changed = await trainModel({ ...BASE, data: IRIS_ROWS.slice(1) });
    const [first, same, other] = [rows, again, changed].map(
      ({ model }) => model.manifest.provenance.data_sha256,
    );
    expect(rows.model.manifest.provenance.data).toBeNull();
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });

  it.each<[string, DataRow, string]>([
    ["a string", { a: "long" }, 'Expected a number, got "long".'],
    ["true", { a: true }, 'Expected a number, got "true".'],
    ["Infinity", { a: Infinity }, 'Expected a number, got "Infinity".'],
    ["a number outside float32", { a: 1e39 }, "(float32), got 1e+39."],
  ])(
    "reports a feature that is %s by row and column, without a line",
    async (_what, second, message) => {
      const training = trainModel({ data: createRows(second), target: "y" });
      await expect(training).rejects.toMatchObject({
        code: "INVALID_DATA",
        problems: [{ at: 'row 2, column "a"', message: expect.stringContaining(message) }],
      });
    },
  );

  it("trains on missing values: null, undefined, NaN, and a key that a row does not have", async () => {
    for (const second of [{ a: null }, { a: undefined }, { a: Number.NaN }]) {
      const { model } = await trainModel({ data: createRows(second), target: "y", trees: 4 });
      expect(model.manifest.features[0]).toMatchObject({ name: "a", nullable: true });
    }
    const rows = createRows();
    rows[1] = { y: "p" };
    const { model } = await trainModel({ data: rows, target: "y", trees: 4 });
    expect(model.manifest.features[0]).toMatchObject({ name: "a", nullable: true });
    await expect(trainModel({ data: createRows({ y: null }), target: "y" })).rejects.toMatchObject({
      problems: [{ at: 'row 2, column "y"' }],
    });
  });

  it("rejects an empty list", async () => {
    await expect(trainModel({ data: [], target: "y" })).rejects.toMatchObject({
      code: "INVALID_DATA",
      problems: [{ at: "rows", message: "Expected at least one row, got none." }],
    });
  });

  it("writes nothing without a models folder", async () => {
    await using folder = await createFolder();
    // In a process of its own, so that the current folder is the empty one.
    const program = `
      import { trainModel } from ${JSON.stringify(ENTRY)};
      const data = ${JSON.stringify(createRows())};
      const { directory, version } = await trainModel({ data, target: "y", trees: 4 });
      console.log(JSON.stringify({ directory, version }));
    `;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], {
      cwd: folder.path,
    });
    expect(JSON.parse(stdout)).toEqual({ directory: null, version: 1 });
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe("createServer with models in memory", () => {
  it("predicts with the trust check, shows the model READY, and a reload leaves it alone", async () => {
    const { model } = await trainModel({ ...BASE, data: IRIS_ROWS });
    await withServer({ models: [model] }, async (server, url) => {
      expect(await predict(url, toIrisObject(IRIS[0]!.row))).toMatchObject({
        label: "setosa",
        out_of_distribution: { is_outlier: false },
        warnings: [],
        model: { name: "iris", version: 1 },
      });
      const far = { ...toIrisObject(IRIS[0]!.row), petal_length: 90 };
      expect(await predict(url, far)).toMatchObject({ out_of_distribution: { is_outlier: true } });

      const list: unknown = await (await fetch(`${url}/models`)).json();
      expect(JSON.stringify(list)).toContain('"READY"');
      const before = server.models();
      expect(before).toMatchObject([{ name: "iris", serving: 1, versions: [{ state: "READY" }] }]);
      expect(await server.reload()).toEqual({ loaded: [], failed: [], removed: [], problems: [] });
      expect(server.models()).toEqual(before);
      await predict(url, toIrisObject(IRIS[0]!.row));
    });
  });

  it("serves an imported model that no file holds", async () => {
    await using folder = await createFolder();
    await copyIris(folder.path);
    const graph = await readFile(join(folder.path, "iris/1/model.onnx"));
    const request = { name: "foreign", graph, data: IRIS_ROWS, target: "species" };
    const { model, fit, directory, hasGuard } = await importModel(request);
    expect({ directory, hasGuard }).toEqual({ directory: null, hasGuard: true });
    expect(fit).toBeGreaterThan(0.98);
    await withServer({ models: [model] }, async (_server, url) => {
      expect(await predict(url, toIrisObject(IRIS[0]!.row))).toMatchObject({
        label: "setosa",
        out_of_distribution: { is_outlier: false },
        model: { name: "foreign", version: 1 },
      });
    });
  });

  it("rejects two models with one name and version", async () => {
    const { model } = await trainModel({ ...BASE, data: IRIS_ROWS });
    await expect(createServer({ port: 0, models: [model, model] })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("got version 1 of iris twice"),
    });
  });

  it("rejects a value that is neither a folder nor a list", async () => {
    const options: object = { port: 0, models: 5 };
    await expect(createServer(options)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});
