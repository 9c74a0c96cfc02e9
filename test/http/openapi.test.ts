import { join } from "node:path";
import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { STATUS } from "../../src/http/schemas/health.ts";
import { MANIFEST, MODEL_LIST } from "../../src/http/schemas/models.ts";
import { BATCH_REPLY, PREDICT_REPLY } from "../../src/http/schemas/predict.ts";
import { FLOAT32_MAX } from "../../src/tabular/tabular.ts";
import { createFolder } from "../support/folders.ts";
import type { JsonValue } from "../support/json.ts";
import {
  copyIris,
  importNullable,
  toIrisObject,
  trainIris,
  trainNumbers,
  trainPlane,
} from "../support/models.ts";
import { startServer, type TestServer } from "../support/server.ts";

const SETOSA = toIrisObject([5.1, 3.5, 1.4, 0.2]);

/** Models of every kind: classes that are text or numbers, a regression, and features that may be missing. */
async function prepareAll(models: string): Promise<void> {
  await copyIris(models);
  await trainPlane(models);
  await trainNumbers(models);
  await importNullable(models);
}

function start(options: Partial<Config> = {}, prepare = copyIris): Promise<TestServer> {
  return startServer(options, { prepare });
}

async function describeApi(server: TestServer): Promise<JsonValue> {
  return (await server.get("/openapi.json")).json;
}

/** An operation of a document. */
interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: JsonValue;
}

function listOperations(document: JsonValue): Operation[] {
  return Object.entries<JsonValue>(document.paths).flatMap(([path, item]) =>
    Object.entries<JsonValue>(item).map(([method, operation]) => ({ path, method, operation })),
  );
}

/** Replaces the references of a schema or response by what they mean. */
function resolve(document: JsonValue, value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item) => resolve(document, item));
  if (typeof value !== "object" || value === null) return value;
  if (typeof value.$ref === "string") {
    const keys: string[] = value.$ref.slice(2).split("/");
    const target = keys.reduce((found, key) => found?.[key], document);
    if (target === undefined) throw new Error(`${value.$ref} does not exist`);
    return resolve(document, target);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolve(document, item)]),
  );
}

function statusesOf(document: JsonValue, path: string, method = "post"): string[] {
  return Object.keys(document.paths[path][method].responses);
}

function postOf(document: JsonValue, path: string): { body: JsonValue; reply: JsonValue } {
  const { requestBody, responses } = document.paths[path].post;
  return { body: requestBody.content, reply: responses["200"].content };
}

describe("GET /openapi.json", () => {
  it("is OpenAPI 3.1 with the loaded models' features, limits, ranges and examples", async () => {
    await using server = await start({}, prepareAll);
    const json = await describeApi(server);
    expect(json.openapi).toBe("3.1.0");
    const body = postOf(json, "/predict").body["application/json"];
    expect(body.schema).toEqual({ $ref: "#/components/schemas/IrisRow" });
    const { IrisRow } = json.components.schemas;
    expect(IrisRow.required).toEqual(Object.keys(SETOSA));
    expect(IrisRow.properties.sepal_length).toEqual({
      type: "number",
      minimum: -FLOAT32_MAX,
      maximum: FLOAT32_MAX,
      description: "Training range: 4.3 to 7.9 cm",
      examples: [5.1],
    });
    expect(body.examples.ordinary.value).toEqual(SETOSA);
    expect(Object.keys(json.paths).filter((path) => path.startsWith("/docs"))).toEqual([]);
  });

  it("has paths for each loaded version, and none with the model's name as a parameter", async () => {
    await using server = await start({}, async (models) => {
      await copyIris(models);
      await trainIris(models, { trees: 4 });
      await trainPlane(models);
    });
    const document = await describeApi(server);
    const paths = Object.keys(document.paths).filter((path) => /^\/models\/.*predict$/.test(path));
    expect(paths.toSorted()).toEqual([
      "/models/iris/predict",
      "/models/iris/versions/1/predict",
      "/models/iris/versions/2/predict",
      "/models/plane/predict",
      "/models/plane/versions/1/predict",
    ]);
    const schemaOf = (path: string): JsonValue =>
      postOf(document, path).body["application/json"].schema.$ref;
    expect(schemaOf("/models/iris/versions/2/predict")).toBe("#/components/schemas/IrisRow");
    expect(schemaOf("/models/iris/versions/1/predict")).toBe("#/components/schemas/IrisV1Row");
    for (const path of paths) {
      const value = postOf(document, path).body["application/json"].examples.ordinary.value;
      expect((await server.post(path, value)).status).toBe(200);
    }
  });

  it("has paths with parameters while there is no model", async () => {
    await using server = await start({}, async () => {});
    const document = await describeApi(server);
    expect(document.paths).toHaveProperty(["/models/{name}/versions/{version}/predict/batch"]);
    expect(resolve(document, document)).toBeDefined();
  });

  it("names every operation and every object of its own once", async () => {
    await using server = await start({}, async (models) => {
      for (const name of ["iris", "Iris", "a.batch", "a-batch", "a", "batch", "3d"]) {
        await trainIris(models, { name, trees: 4 });
      }
    });
    const document = await describeApi(server);
    const ids = listOperations(document).map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ["predict", "predictBatch", "predictA", "listModels", "getMetrics"]) {
      expect(ids).toContain(id);
    }
    for (const name of ["Iris", "Model3d"]) {
      expect(document.components.schemas).toHaveProperty(`${name}Prediction`);
    }
    // A schema that keeps its title has no name.
    expect(JSON.stringify(document.paths).includes('"title":"')).toBe(false);
    expect(resolve(document, document.paths)).toBeDefined();
  });

  it("states the exact type of each model's prediction", async () => {
    await using server = await start({}, prepareAll);
    const document = await describeApi(server);
    const typeOf = (name: string): JsonValue =>
      resolve(document, document.components.schemas[`${name}Prediction`].properties);
    expect(typeOf("Numbers")).toMatchObject({
      prediction: { type: "integer", enum: [3, 6, 8] },
      label: { enum: ["3", "6", "8"] },
      class_index: { type: "integer", minimum: 0, maximum: 2 },
      probabilities: { required: ["3", "6", "8"] },
    });
    expect(typeOf("Iris")).toMatchObject({
      prediction: { type: "integer", enum: [0, 1, 2] },
      label: { enum: ["setosa", "versicolor", "virginica"] },
      out_of_distribution: { properties: { is_outlier: { type: "boolean" } } },
    });
    expect(typeOf("Plane").prediction).toEqual({
      type: "number",
      description: "The predicted y",
    });
    expect(typeOf("Plane")).not.toHaveProperty("label");
    expect(typeOf("Nullable").out_of_distribution.properties.is_outlier.anyOf).toHaveLength(2);
  });

  it("has examples that are real requests and replies, and counts none of them", async () => {
    await using server = await start({}, prepareAll);
    const document = await describeApi(server);
    const counted = (await server.get("/metrics")).text
      .split("\n")
      .filter((line) => /^model_(?:predictions|ood|feature_bin|confidence)/.test(line));
    expect(counted.length).toBeGreaterThan(50);
    expect(counted.filter((line) => !line.endsWith(" 0"))).toEqual([]);

    const posts = listOperations(document).filter(({ path }) => path.includes("/predict"));
    expect(posts).toHaveLength(18);
    for (const { path } of posts) {
      const { body, reply } = postOf(document, path);
      const { examples: requests, schema: requestSchema } = body["application/json"];
      const { examples: replies, schema } = reply["application/json"];
      expect(Object.keys(replies)).toEqual(Object.keys(requests));
      for (const [name, { value }] of Object.entries<JsonValue>(requests)) {
        expect([...Value.Errors(resolve(document, requestSchema), value)]).toEqual([]);
        const { status, json } = await server.post(path, value);
        expect(status).toBe(200);
        expect({ ...json, id: "" }).toEqual({ ...replies[name].value, id: "" });
        expect([...Value.Errors(resolve(document, schema), json)]).toEqual([]);
      }
      if (!path.endsWith("batch")) continue;
      const { example, schema: csvSchema } = body["text/csv"];
      expect(example).toMatch(new RegExp(csvSchema.pattern));
      for (const type of ["text/csv", "application/x-ndjson"]) {
        const headers = { "content-type": "text/csv", accept: type };
        const stream = await server.send(path, { method: "POST", headers, body: example });
        expect(stream.text).toBe(reply[type].example);
      }
    }
  });

  it("has no example of a reply that a policy rejects", async () => {
    await using server = await start({ oodPolicy: "reject" });
    const { body, reply } = postOf(await describeApi(server), "/predict");
    expect(Object.keys(body["application/json"].examples)).toEqual(["ordinary", "outlier"]);
    expect(Object.keys(reply["application/json"].examples)).toEqual(["ordinary"]);
  });

  it("has an outlier that is flagged, also for values near the limit of float32", async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${(i / 40) * 3e38},${i % 3},${i % 2}`);
    await using server = await start({ oodAlpha: 0.05 }, async (models) => {
      await copyIris(models);
      const data = { name: "far.csv", text: ["a,b,y", ...rows].join("\n") };
      await trainIris(models, { name: "far", data, target: "y", units: {}, trees: 4 });
    });
    const document = await describeApi(server);
    for (const name of ["iris", "far"]) {
      const { outlier } = postOf(document, `/models/${name}/predict`).body["application/json"]
        .examples;
      const { status, json } = await server.post(`/models/${name}/predict`, outlier.value);
      expect(status).toBe(200);
      if (name === "iris") expect(json.out_of_distribution.is_outlier).toBe(true);
    }
  });

  it("states the server's URL, and its access and limits only where they occur", async () => {
    await using folder = await createFolder();
    const apiKeysFile = join(folder.path, "keys.json");
    const { text, stored } = createKey("client", "predict", "2026-01-01");
    await writeKeysFile(apiKeysFile, [stored]);

    await using open = await start({ allowedHosts: ["*"] });
    const free = await describeApi(open);
    expect(free.servers).toEqual([{ url: "/" }]);
    expect(free.security).toEqual([]);
    expect(JSON.stringify(free)).not.toMatch(/securitySchemes|Unauthorized|TooManyRequests/);
    expect(statusesOf(free, "/predict")).toEqual([
      "200",
      "400",
      "404",
      "405",
      "408",
      "413",
      "415",
      "422",
      "503",
    ]);
    expect(statusesOf(free, "/admin/reload")).toContain("403");
    expect(statusesOf(free, "/models/{name}", "get")).toEqual([
      "200",
      "400",
      "404",
      "405",
      "414",
      "503",
    ]);

    await using local = await start();
    expect(statusesOf(await describeApi(local), "/health/live", "get")).toContain("403");

    const externalUrl = "https://models.example/iris";
    const allowedHosts = ["*"];
    await using closed = await start({ apiKeysFile, rateLimit: 100, externalUrl, allowedHosts });
    const headers = { authorization: `Bearer ${text}` };
    const { json: document } = await closed.send("/openapi.json", { headers });
    expect(document.servers).toEqual([{ url: externalUrl }]);
    expect(document.security).toEqual([{ key: [] }]);
    expect(document.components.securitySchemes.key.scheme).toBe("bearer");
    expect(statusesOf(document, "/predict")).toEqual(
      expect.arrayContaining(["401", "403", "404", "405", "429", "503"]),
    );
    expect(document.paths["/health/ready"].get.security).toEqual([]);
    expect(statusesOf(document, "/health/ready", "get")).toEqual(["200", "400", "405", "503"]);
    expect(statusesOf(document, "/metrics", "get")).toEqual(["200", "400", "401", "403", "405"]);
  });

  it("states the status of every reply to a request with a problem", async () => {
    await using server = await start();
    const document = await describeApi(server);
    const json = { "content-type": "application/json" };
    const cases = [
      ["/predict", "/predict", { method: "POST", headers: json, body: "{" }, 400],
      ["/predict", "/predict", { method: "PUT", headers: json, body: "{}" }, 405],
      [
        "/predict",
        "/predict",
        { method: "POST", headers: { "content-type": "a/b" }, body: "" },
        415,
      ],
      ["/predict", "/predict", { method: "POST", headers: json, body: "{}" }, 422],
      ["/models/{name}", "/models/rose", {}, 404],
      ["/models/{name}", `/models/${"x".repeat(300)}`, {}, 414],
      ["/models/{name}", "/models/%zz", {}, 400],
      ["/admin/reload", "/admin/reload", { method: "POST" }, 403],
    ] as const;
    for (const [template, path, request, status] of cases) {
      const reply = await server.send(path, request);
      expect([path, reply.status]).toEqual([path, status]);
      const [operation] = Object.values<JsonValue>(document.paths[template]);
      const response = resolve(document, operation.responses[status]);
      const { schema, example } = response.content["application/problem+json"];
      expect([...Value.Errors(schema, reply.json)]).toEqual([]);
      expect([...Value.Errors(schema, example)]).toEqual([]);
    }
  });

  it("changes with a reload", async () => {
    await using server = await startServer();
    const path = "/models/plane/predict";
    expect((await describeApi(server)).paths).not.toHaveProperty([path]);
    await trainPlane(server.models);
    await server.server.reload();
    expect((await describeApi(server)).paths).toHaveProperty([path]);
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
    for (const path of [
      "/",
      "/health/live",
      "/models",
      "/metrics",
      "/openapi.json",
      "/models/iris",
    ]) {
      const reply = await server.send(path, { method: "HEAD" });
      expect(reply.status).toBe(200);
      expect(reply.text).toBe("");
    }
  });
});
