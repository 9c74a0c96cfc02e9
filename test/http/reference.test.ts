import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createKey, writeKeysFile, type Role } from "../../src/http/access/api-keys.ts";
import { createFolder } from "../support/folders.ts";
import { copyIris, importNullable, IRIS, toIrisObject, trainPlane } from "../support/models.ts";
import { startServer } from "../support/server.ts";

async function prepare(models: string): Promise<void> {
  await copyIris(models);
  await trainPlane(models);
  await importNullable(models);
}

interface Row {
  readonly values: readonly number[];
  readonly label?: string;
  readonly prediction: number;
  readonly distance?: number;
}

describe("GET /models/NAME/reference", () => {
  it("has training rows with their predictions, which count in no metric", async () => {
    await using server = await startServer({}, { prepare });
    const { status, json } = await server.get("/models/iris/reference");
    expect([status, json.kind, json.total]).toEqual([200, "training_rows", 150]);
    expect(json.model).toEqual({ name: "iris", version: 1 });
    const rows: readonly Row[] = json.rows;
    const toText = (values: readonly number[]): string => values.join();
    expect(rows.map(({ values }) => toText(values)).toSorted()).toEqual(
      IRIS.map(({ row }) => toText(row)).toSorted(),
    );
    const row = rows[17]!;
    const counted = await server.metric(
      'model_predictions_total{model="iris",version="1",class="setosa"}',
    );
    expect(counted).toBe(0);
    const reply = await server.post("/models/iris/predict", toIrisObject(row.values));
    expect([row.label, row.prediction]).toEqual([reply.json.label, reply.json.prediction]);
    const plane = await server.get("/models/plane/versions/1/reference?limit=3");
    expect(plane.json.rows).toHaveLength(3);
    const [a, b] = plane.json.rows[1].values;
    const predicted = await server.post("/models/plane/predict", { a, b });
    expect(plane.json.rows[1].prediction).toBe(predicted.json.prediction);
  });

  it("samples evenly, and rejects other limits and unknown models", async () => {
    await using server = await startServer();
    const { json } = await server.get("/models/iris/reference?limit=10");
    expect([json.total, json.rows.length]).toEqual([150, 10]);
    const labels = new Set(json.rows.map(({ label }: Row) => label));
    expect(labels.size).toBe(3);
    for (const limit of ["0", "2001", "x", "-1", "1e9"]) {
      const reply = await server.get(`/models/iris/reference?limit=${limit}`);
      expect([limit, reply.status, reply.json.code]).toEqual([limit, 400, "MALFORMED_REQUEST"]);
    }
    expect((await server.get("/models/none/reference")).status).toBe(404);
    expect((await server.get("/models/iris/versions/9/reference")).status).toBe(404);
  });

  it("requires the role load or admin, and can be switched off", async () => {
    await using folder = await createFolder();
    const file = join(folder.path, "keys.json");
    const roles: readonly Role[] = ["predict", "metrics", "load", "admin"];
    const keys = roles.map((role) => createKey(role, role, "2026-01-01T00:00:00.000Z"));
    await writeKeysFile(
      file,
      keys.map(({ stored }) => stored),
    );
    await using server = await startServer({ apiKeysFile: file });
    const read = async (text?: string): Promise<number> => {
      const headers: Record<string, string> =
        text === undefined ? {} : { authorization: `Bearer ${text}` };
      return (await server.send("/models/iris/reference", { headers })).status;
    };
    expect(await read()).toBe(401);
    expect(await Promise.all(keys.map(({ text }) => read(text)))).toEqual([403, 403, 200, 200]);

    await using hidden = await startServer({ referenceRows: false });
    const { status, json } = await hidden.get("/models/iris/reference");
    expect([status, json.detail]).toEqual([
      403,
      "The server does not show training rows: it was started with --no-reference-rows.",
    ]);
    expect((await hidden.post("/models/iris/nearest", IRIS[0]!.row)).status).toBe(403);
    // Without keys, training rows stay on the machine.
    await using open = await startServer({ host: "0.0.0.0" });
    const reply = await open.get("/models/iris/reference");
    expect([reply.status, reply.json.detail]).toEqual([
      403,
      expect.stringContaining("listens beyond this machine and requires no API key"),
    ]);
    await using proxied = await startServer();
    const forwarded = await proxied.send("/models/iris/reference", {
      headers: { "x-forwarded-for": "192.0.2.7" },
    });
    expect([forwarded.status, forwarded.json.detail]).toEqual([
      403,
      expect.stringContaining("is behind a proxy and requires no API key"),
    ]);
  });
});

describe("POST /models/NAME/nearest", () => {
  it("finds the nearest training rows, and rejects what /predict rejects", async () => {
    await using server = await startServer({}, { prepare });
    const row = toIrisObject([5.1, 3.5, 1.4, 0.2]);
    const { json } = await server.post("/models/iris/nearest?limit=4", row);
    const rows: readonly Row[] = json.rows;
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatchObject({ values: [5.1, 3.5, 1.4, 0.2], label: "setosa" });
    expect(rows[0]!.distance).toBeCloseTo(0, 9);
    expect(rows[3]!.distance).toBeGreaterThan(rows[1]!.distance!);
    const bad = await server.post("/models/iris/nearest", { sepal_length: "5" });
    expect([bad.status, bad.json]).toEqual([
      422,
      {
        ...(await server.post("/models/iris/predict", { sepal_length: "5" })).json,
        id: bad.json.id,
      },
    ]);
    expect(
      await server.metric('model_requests_total{model="iris",version="1",result="success"}'),
    ).toBe(0);
  });

  it("finds none for a row with a missing value", async () => {
    await using server = await startServer({}, { prepare });
    const { status, json } = await server.post("/models/nullable/nearest", { x0: 1, x1: null });
    expect([status, json.rows, json.total]).toEqual([200, [], 120]);
  });
});

describe("GET /models/NAME/example", () => {
  it("is a row that /predict accepts", async () => {
    await using server = await startServer({}, { prepare });
    for (const model of ["models/iris", "models/plane/versions/1", "models/nullable"]) {
      const { json } = await server.get(`/${model}/example`);
      expect(Object.keys(json).length).toBeGreaterThan(1);
      expect((await server.post(`/${model}/predict`, json)).status).toBe(200);
    }
    expect((await server.get("/models/none/example")).status).toBe(404);
  });
});
