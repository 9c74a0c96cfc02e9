import { describe, expect, it } from "vitest";
import { parseLines, type JsonValue } from "../support/json.ts";
import { importNullable, MAHALANOBIS_ROWS, NULLABLE_NAMES } from "../support/models.ts";
import { startServer, type Reply, type TestServer } from "../support/server.ts";
import type { Config } from "../../src/config/config.ts";

const ORDINARY = [20, 40, 60, 80];
const FAR = [1e6, -1e6, 1e6, -1e6];
const SERIES = 'model="nullable",version="1"';

type Row = readonly (number | null)[];

function toObject(row: Row): Record<string, number | null> {
  return Object.fromEntries(NULLABLE_NAMES.map((name, i) => [name, row[i] ?? null]));
}

/** Starts a server with a trust check that cannot check rows with missing values. */
function start(options: Partial<Config> = {}): Promise<TestServer> {
  return startServer(options, { prepare: (models) => importNullable(models, MAHALANOBIS_ROWS) });
}

function postLines(server: TestServer, type: string, body: string): Promise<Reply> {
  const headers = { "content-type": type };
  return server.send("/predict/batch", { method: "POST", headers, body });
}

function toCsv(rows: readonly Row[]): string {
  return [NULLABLE_NAMES, ...rows].map((cells) => cells.join(",")).join("\n");
}

/** Every row with one value missing, of a row far outside the training data. */
const WITHOUT_ONE = NULLABLE_NAMES.map((_, missing) => FAR.toSpliced(missing, 1, Number.NaN)).map(
  (row): Row => row.map((value) => (Number.isNaN(value) ? null : value)),
);

describe("a row with a missing value, of a model that keeps reference rows", () => {
  it("is checked in its present features", async () => {
    await using server = await startServer(
      { oodPolicy: "reject" },
      { prepare: (models) => importNullable(models) },
    );
    const ordinary = await server.post("/predict", { x0: 20, x2: 60 });
    expect(ordinary.json.out_of_distribution).toMatchObject({ is_outlier: false });
    expect(ordinary.json.warnings).toEqual([
      { code: "missing_value", message: "x1 is missing", feature: "x1" },
      { code: "missing_value", message: "x3 is missing", feature: "x3" },
    ]);
    const far = await server.post("/predict/batch", { instances: WITHOUT_ONE });
    expect(far).toMatchObject({ status: 422, json: { code: "OUT_OF_DISTRIBUTION" } });
    expect(far.json.errors).toHaveLength(4);
    const flagged = (reason: string): Promise<number> =>
      server.metric(`model_ood_total{${SERIES},reason="${reason}"}`);
    expect(await flagged("unchecked")).toBe(0);
    expect(await flagged("missing")).toBe(5);
    expect(await flagged("p_value")).toBe(4);
    expect(await server.metric(`model_ood_p_value_count{${SERIES}}`)).toBe(5);
  });
});

describe("a row with a missing value, of a model that keeps none", () => {
  it("is unchecked, which is not the verdict of an ordinary row", async () => {
    await using server = await start();
    const verdict = async (body: unknown): Promise<JsonValue> =>
      (await server.post("/predict", body)).json.out_of_distribution;
    expect(await verdict(toObject(ORDINARY))).toMatchObject({ is_outlier: false });
    expect(await verdict(toObject(FAR))).toMatchObject({ is_outlier: true });
    const unchecked = { p_value: null, is_outlier: null };
    for (const [index, row] of WITHOUT_ONE.entries()) {
      const name = NULLABLE_NAMES[index] ?? "";
      const { [name]: _, ...absent } = toObject(row);
      expect(await verdict(absent)).toEqual(unchecked);
      expect(await verdict(toObject(row))).toEqual(unchecked);
    }
    const { json: batch } = await server.post("/predict/batch", { instances: WITHOUT_ONE });
    const lines = WITHOUT_ONE.map((row) => JSON.stringify(row)).join("\n");
    const ndjson = await postLines(server, "application/x-ndjson", `${lines}\n`);
    for (const predictions of [batch.predictions, parseLines(ndjson.text)]) {
      expect(predictions).toMatchObject(
        WITHOUT_ONE.map(() => ({ out_of_distribution: unchecked })),
      );
    }
    const table = await postLines(server, "text/csv", toCsv([...WITHOUT_ONE, ORDINARY]));
    const [, ...rows] = table.text.trim().split("\n");
    expect(rows.map((row) => row.split(",").slice(-4, -2))).toEqual([
      ...WITHOUT_ONE.map(() => ["", ""]),
      [expect.stringMatching(/^[01]/), "false"],
    ]);
  });

  it("has a warning for the row and for each value", async () => {
    await using server = await start();
    const { json } = await server.post("/predict", { x0: 20, x2: 60 });
    expect(json.warnings).toEqual([
      { code: "missing_value", message: "x1 is missing", feature: "x1" },
      { code: "missing_value", message: "x3 is missing", feature: "x3" },
      {
        code: "unchecked",
        message: "The row was not compared with the training data, because a value is missing.",
      },
    ]);
  });

  it("counts as unchecked, and in no count of outliers or checked rows", async () => {
    await using server = await start();
    for (const row of [ORDINARY, FAR, ...WITHOUT_ONE]) await server.post("/predict", toObject(row));
    const flagged = (reason: string): Promise<number> =>
      server.metric(`model_ood_total{${SERIES},reason="${reason}"}`);
    expect(await flagged("unchecked")).toBe(4);
    expect(await flagged("missing")).toBe(4);
    expect(await flagged("p_value")).toBe(1);
    expect(await server.metric(`model_ood_p_value_count{${SERIES}}`)).toBe(2);
  });

  it.each([
    ["warn", "accept", 200, 200],
    ["warn", "flag", 200, 200],
    ["warn", "reject", 200, 422],
    ["reject", "accept", 422, 200],
    ["reject", "flag", 422, 422],
    ["reject", "reject", 422, 422],
  ] as const)(
    "with --ood-policy %s --unchecked-policy %s: outlier %i, unchecked %i",
    async (oodPolicy, uncheckedPolicy, forOutlier, forUnchecked) => {
      await using server = await start({ oodPolicy, uncheckedPolicy });
      const partial: Row = [20, null, 60, 80];
      expect((await server.post("/predict", toObject(ORDINARY))).status).toBe(200);
      expect((await server.post("/predict", toObject(FAR))).status).toBe(forOutlier);
      const one = await server.post("/predict", toObject(partial));
      expect(one.status).toBe(forUnchecked);
      const batch = await server.post("/predict/batch", { instances: [ORDINARY, partial] });
      expect(batch.status).toBe(forUnchecked);
      const csv = await postLines(server, "text/csv", toCsv([ORDINARY, partial]));
      const isRejected = forUnchecked === 422;
      expect(csv.text.includes("not compared with the training data")).toBe(isRejected);
      expect(await server.metric('model_input_errors_total{reason="unchecked"}')).toBe(
        isRejected ? 3 : 0,
      );
      expect(await server.metric(`model_ood_total{${SERIES},reason="unchecked"}`)).toBe(3);
      if (!isRejected) return;
      expect(one.json).toMatchObject({ code: "UNCHECKED_INPUT", errors: [{ pointer: "" }] });
      expect(batch.json.errors).toMatchObject([{ pointer: "/instances/1" }]);
    },
  );

  it("is named apart from the outliers of a batch", async () => {
    await using server = await start({ oodPolicy: "reject" });
    const instances = [ORDINARY, FAR, [20, null, 60, 80]];
    const { status, json } = await server.post("/predict/batch", { instances });
    expect([status, json.code]).toEqual([422, "OUT_OF_DISTRIBUTION"]);
    expect(json.detail).toBe(
      "The server rejects 1 row that is unlike the training data (--ood-policy reject) and " +
        "1 row that was not compared with the training data (--unchecked-policy).",
    );
    expect(json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      "/instances/1",
      "/instances/2",
    ]);
  });
});

describe("a row without any value", () => {
  it("is 422, alone and in every kind of batch", async () => {
    await using server = await start({ uncheckedPolicy: "accept" });
    const message = "Expected a value for at least one feature, got none.";
    for (const body of [{}, { other: 1 }, toObject([null, null, null, null])]) {
      const { status, json } = await server.post("/predict", body);
      expect([status, json.errors]).toEqual([422, [{ pointer: "", detail: message }]]);
    }
    const instances = [ORDINARY, {}, [null, null, null, null]];
    const { json } = await server.post("/predict/batch", { instances });
    expect(json.errors).toEqual([
      { pointer: "/instances/1", detail: message },
      { pointer: "/instances/2", detail: message },
    ]);
    const ndjson = await postLines(server, "application/x-ndjson", "{}\n[20,40,60,80]\n");
    expect(parseLines(ndjson.text)[0]).toEqual({
      error: { line: 1, code: "INVALID_INPUT", detail: message },
    });
    const csv = await postLines(server, "text/csv", `${toCsv([ORDINARY])}\n,,,\n"",NA,,\n`);
    expect(csv.text.match(/Expected a value for at least one feature/g)).toHaveLength(2);
    // A header may leave out nullable features, but not all of them.
    const some = await postLines(server, "text/csv", "x2,other\n1,5\n");
    expect(some.text).not.toContain(message);
    expect(some.text.split("\n")[1]).toMatch(/^2,[012],/);
    const none = await postLines(server, "text/csv", "other\n5\n");
    expect(none.status).toBe(422);
    expect(none.json.detail).toBe(
      "The CSV header does not match the features of the model. Expected a column for at least one feature, got none.",
    );
  });
});
