import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { STATUS } from "../../src/http/schemas/health.ts";
import { MANIFEST, MODEL_LIST } from "../../src/http/schemas/models.ts";
import { BATCH_REPLY, PREDICT_REPLY } from "../../src/http/schemas/predict.ts";
import { copyIris, toIrisObject, trainPlane } from "../support/models.ts";
import { startServer } from "../support/server.ts";

const SETOSA = toIrisObject([5.1, 3.5, 1.4, 0.2]);

describe("GET /openapi.json", () => {
  it("is OpenAPI 3.1 with the loaded models' features, ranges and examples", async () => {
    await using server = await startServer(
      {},
      { prepare: (models) => copyIris(models).then(() => trainPlane(models)) },
    );
    const { json } = await server.get("/openapi.json");
    expect(json.openapi).toBe("3.1.0");
    const body = json.paths["/predict"].post.requestBody.content["application/json"];
    expect(body.schema.required).toEqual(Object.keys(SETOSA));
    expect(body.schema.properties.sepal_length).toEqual({
      type: "number",
      description: "Training range: 4.3 to 7.9 cm",
      examples: [5.1],
    });
    expect(body.examples.ordinary.value).toEqual(SETOSA);
    const paths = Object.keys(json.paths);
    for (const path of [
      "/models/{name}/predict",
      "/models/plane/predict",
      "/models/iris/predict/batch",
    ]) {
      expect(paths).toContain(path);
    }
    expect(json.paths["/predict"].post.responses["422"].content).toHaveProperty(
      "application/problem+json",
    );
    expect(paths.filter((path) => path.startsWith("/docs"))).toEqual([]);
  });

  it("has an ordinary example without warnings, and an outlier that is flagged", async () => {
    await using server = await startServer();
    const { json } = await server.get("/openapi.json");
    const examples = (path: string): Record<string, { value: unknown }> =>
      json.paths[path].post.requestBody.content["application/json"].examples;
    const { ordinary, outlier } = examples("/models/iris/predict");
    expect((await server.post("/predict", ordinary?.value)).json.warnings).toEqual([]);
    const flagged = await server.post("/predict", outlier?.value);
    expect(flagged.json.out_of_distribution.is_outlier).toBe(true);
    for (const { value } of Object.values(examples("/predict/batch"))) {
      expect((await server.post("/predict/batch", value)).status).toBe(200);
    }
  });

  it("changes with a reload", async () => {
    await using server = await startServer();
    expect((await server.get("/openapi.json")).json.paths).not.toHaveProperty(
      "/models/plane/predict",
    );
    await trainPlane(server.models);
    await server.server.reload();
    expect((await server.get("/openapi.json")).json.paths).toHaveProperty("/models/plane/predict");
  });

  it("has schemas that match the replies", async () => {
    await using server = await startServer(
      {},
      { prepare: (models) => copyIris(models).then(() => trainPlane(models)) },
    );
    const replies = [
      [STATUS, await server.get("/")],
      [MODEL_LIST, await server.get("/models")],
      [MANIFEST, await server.get("/models/iris")],
      [PREDICT_REPLY, await server.post("/predict", { ...SETOSA, sepal_length: 100, x: 1 })],
      [PREDICT_REPLY, await server.post("/models/plane/predict", { a: 1, b: 1 })],
      [BATCH_REPLY, await server.post("/predict/batch", { instances: [SETOSA, SETOSA] })],
    ] as const;
    for (const [schema, reply] of replies) {
      expect(reply.status).toBe(200);
      expect([...Value.Errors(schema, reply.json)]).toEqual([]);
    }
  });

  it("and all other GET routes reply to HEAD", async () => {
    await using server = await startServer();
    for (const path of ["/", "/health/live", "/models", "/metrics", "/openapi.json", "/docs"]) {
      const reply = await server.send(path, { method: "HEAD" });
      expect(reply.status).toBe(200);
      expect(reply.text).toBe("");
    }
  });
});
