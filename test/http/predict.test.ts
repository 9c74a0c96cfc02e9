import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { readReplies } from "../fuzz/replies.ts";
import { IRIS, toIrisObject, trainPlane, copyIris } from "../support/models.ts";
import { startServer } from "../support/server.ts";

const SETOSA = toIrisObject([5.1, 3.5, 1.4, 0.2]);

describe("POST /predict", () => {
  it("returns the class, its name, all probabilities, the trust verdict, the model and the request id", async () => {
    await using server = await startServer();
    const reply = await server.post("/predict", SETOSA);
    expect(reply.status).toBe(200);
    expect(reply.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(reply.json).toEqual({
      prediction: 0,
      label: "setosa",
      class_index: 0,
      probabilities: { setosa: 1, versicolor: 0, virginica: 0 },
      warnings: [],
      out_of_distribution: { p_value: expect.closeTo(1, 1), is_outlier: false },
      model: { name: "iris", version: 1 },
      id: reply.headers["x-request-id"],
    });
  });

  it("warns of a value outside its training range, with its name, and of the p-value", async () => {
    await using server = await startServer();
    const { status, json } = await server.post("/predict", { ...SETOSA, sepal_length: 100 });
    expect(status).toBe(200);
    expect(json.out_of_distribution.is_outlier).toBe(true);
    expect(json.out_of_distribution.p_value).toBeCloseTo(1 / 151, 10);
    expect(json.warnings).toEqual([
      {
        code: "out_of_range",
        message: "sepal_length is 100 cm, outside the range of the training data, 4.3 to 7.9 cm",
        feature: "sepal_length",
        value: 100,
        min: 4.3,
        max: 7.9,
      },
      {
        code: "out_of_distribution",
        message: expect.stringContaining("p-value 0.0066"),
        p_value: json.out_of_distribution.p_value,
        alpha: 0.01,
      },
    ]);
  });

  it("flags a p-value that equals alpha, in the warning and in the verdict", async () => {
    await using server = await startServer({ oodAlpha: 1 / 151 });
    const { json } = await server.post("/predict", { ...SETOSA, sepal_length: 100 });
    expect(json.out_of_distribution).toEqual({ p_value: 1 / 151, is_outlier: true });
    expect(json.warnings[1].code).toBe("out_of_distribution");
  });

  it("accepts a body with a byte-order mark", async () => {
    await using server = await startServer();
    const headers = { "content-type": "application/json; charset=UTF-8" };
    const body = `\uFEFF${JSON.stringify(SETOSA)}`;
    expect((await server.send("/predict", { method: "POST", headers, body })).status).toBe(200);
  });

  it("predicts with unknown fields, also __proto__, and names them", async () => {
    await using server = await startServer();
    const body = `{"__proto__": {"x": 1}, "constructor": 2, ${JSON.stringify(SETOSA).slice(1)}`;
    const headers = { "content-type": "application/json" };
    const { status, json } = await server.send("/predict", { method: "POST", headers, body });
    expect(status).toBe(200);
    expect(json.prediction).toBe(0);
    const unknown = json.warnings.map((warning: { field: string }) => warning.field);
    expect(unknown).toEqual(["__proto__", "constructor"]);
  });

  it("rejects flagged rows with --ood-policy reject, and lists them", async () => {
    await using server = await startServer({ oodPolicy: "reject" });
    const single = await server.post("/predict", { ...SETOSA, sepal_length: 100 });
    expect(single.status).toBe(422);
    expect(single.json.code).toBe("OUT_OF_DISTRIBUTION");
    const rows = [SETOSA, { ...SETOSA, sepal_length: 100 }, SETOSA];
    const batch = await server.post("/predict/batch", { instances: rows });
    expect(batch.status).toBe(422);
    expect(batch.json.errors.map((error: { pointer: string }) => error.pointer)).toEqual([
      "/instances/1",
    ]);
    expect((await server.post("/predict", SETOSA)).status).toBe(200);
    expect(await server.metric('model_input_errors_total{reason="out_of_distribution"}')).toBe(2);
  });
});

describe("POST /predict/batch", () => {
  it("equals single predictions exactly, on all 150 rows, as objects and as arrays", async () => {
    await using server = await startServer();
    const objects = { instances: IRIS.map(({ row }) => toIrisObject(row)) };
    const arrays = { instances: IRIS.map(({ row }) => row) };
    const { json: batch } = await server.post("/predict/batch", objects);
    const { json: batchOfArrays } = await server.post("/predict/batch", arrays);
    expect(batchOfArrays.predictions).toEqual(batch.predictions);
    expect(batch.predictions).toHaveLength(150);
    for (const [index, { row, species }] of IRIS.entries()) {
      const { json } = await server.post("/predict", toIrisObject(row));
      const { model, id, ...single } = json;
      expect(batch.predictions[index]).toStrictEqual(single);
      expect(single.label).toBe(species);
      expect(model).toEqual(batch.model);
      expect(id).not.toBe(batch.id);
    }
  });

  it("has the warnings of each row with that row", async () => {
    await using server = await startServer();
    const rows = [SETOSA, { ...SETOSA, petal_width: 99 }, [5.1, 3.5, 1.4, 0.2]];
    const { json } = await server.post("/predict/batch", { instances: rows });
    expect(json.predictions[0].warnings).toEqual([]);
    expect(json.predictions[2].warnings).toEqual([]);
    expect(json.predictions[1].warnings[0].feature).toBe("petal_width");
  });

  it("lists every problem by row and field, and predicts nothing", async () => {
    await using server = await startServer();
    const rows = [SETOSA, { ...SETOSA, petal_width: "x" }, [1, 2], 7, { sepal_length: true }];
    const { status, json } = await server.post("/predict/batch", { instances: rows });
    expect(status).toBe(422);
    expect(json.errors.map((error: { pointer: string }) => error.pointer)).toEqual([
      "/instances/1/petal_width",
      "/instances/2",
      "/instances/3",
      "/instances/4/sepal_length",
      "/instances/4/sepal_width",
      "/instances/4/petal_length",
      "/instances/4/petal_width",
    ]);
    expect(
      await server.metric('model_predictions_total{model="iris",version="1",class="setosa"}'),
    ).toBe(0);
  });

  it("sends each reply unchanged to a client that reads late, while others are served", async () => {
    await using server = await startServer();
    const [setosa, virginica] = [IRIS.slice(0, 50), IRIS.slice(100)].map((some) => ({
      instances: Array.from({ length: 3_000 }, (_, i) => some[i % 50]!.row),
    }));
    const { hostname, port } = new URL(server.url);
    const late = connect(Number(port), hostname);
    const body = JSON.stringify(setosa);
    const toRequest = (connection: string): string =>
      `POST /predict/batch HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\n` +
      `Connection: ${connection}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    // More replies than the buffers of both sockets hold.
    late.write(toRequest("keep-alive").repeat(19) + toRequest("close"));
    for (let i = 0; i < 5; i++) {
      const { json } = await server.post("/predict/batch", virginica);
      expect(new Set(json.predictions.map(({ label }: { label: string }) => label))).toEqual(
        new Set(["virginica"]),
      );
    }
    let received = "";
    for await (const chunk of late.setEncoding("latin1")) received += String(chunk);
    const replies = readReplies(received).whole;
    expect(replies).toHaveLength(20);
    for (const reply of replies) {
      expect(JSON.parse(reply.body).predictions).toHaveLength(3_000);
      expect(reply.body.split('"label":"setosa"')).toHaveLength(3_001);
    }
  });

  it("accepts at most --max-batch-rows rows", async () => {
    await using server = await startServer({ maxBatchRows: 3 });
    const three = { instances: [SETOSA, SETOSA, SETOSA] };
    expect((await server.post("/predict/batch", three)).status).toBe(200);
    const four = { instances: [...three.instances, SETOSA] };
    const { status, json } = await server.post("/predict/batch", four);
    expect(status).toBe(422);
    expect(json.errors[0].detail).toContain("Expected 1 to 3 rows, got 4.");
  });
});

describe("several models", () => {
  it("are served side by side", async () => {
    await using server = await startServer(
      {},
      { prepare: (models) => copyIris(models).then(() => trainPlane(models)) },
    );
    const { json: list } = await server.get("/models");
    expect(list.models.map((model: { name: string }) => model.name)).toEqual(["iris", "plane"]);
    const { json } = await server.post("/models/plane/predict", { a: 4, b: 3 });
    expect(Math.abs(json.prediction - 5.25)).toBeLessThan(0.5);
    expect(json).not.toHaveProperty("label");
    expect(json.model).toEqual({ name: "plane", version: 1 });
    const rows = { instances: [[4, 3], { a: 4, b: 3 }] };
    const { json: batch } = await server.post("/models/plane/versions/1/predict/batch", rows);
    expect(batch.predictions[0].prediction).toBe(json.prediction);
    expect((await server.post("/models/iris/predict", SETOSA)).json.prediction).toBe(0);
    expect((await server.get("/models/plane")).json).toMatchObject({
      name: "plane",
      task: "regression",
      targets: ["y"],
      features: [{ name: "a", min: 0, max: 9.5 }, { name: "b" }],
    });
  });

  it("are listed in the error for an unknown model or version", async () => {
    await using server = await startServer();
    const unknown = await server.post("/models/nope/predict", SETOSA);
    expect(unknown.status).toBe(404);
    expect(unknown.json.detail).toContain("Models: iris");
    const version = await server.get("/models/iris/versions/7");
    expect(version.status).toBe(404);
    expect(version.json.detail).toContain("Versions: 1");
    expect((await server.get("/models/iris/versions/one")).status).toBe(404);
    expect((await server.get("/models/iris/versions/1")).json.version).toBe(1);
  });
});
