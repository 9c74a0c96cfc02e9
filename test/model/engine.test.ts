import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { TepalError } from "../../src/kernel/errors.ts";
import { createEngineClient, type EngineClient } from "../../src/model/engine/engine-client.ts";
import { DEFAULT_ENGINE, type EngineOptions } from "../../src/model/engine/options.ts";
import {
  readEngineFile,
  toEngineGraph,
  withStrings,
} from "../../src/model/engine/read-engine-graph.ts";
import { loadModel } from "../../src/model/load-model.ts";
import type { EngineFailure } from "../../src/model/model.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import {
  addKnn,
  createLargeFile,
  createMemoryHog,
  createTimeHog,
  createWideOutput,
} from "../support/engine-models.ts";
import { createFolder } from "../support/folders.ts";
import { ort } from "../support/onnxruntime.ts";

interface Fixture {
  readonly inputs: readonly {
    readonly type: string;
    readonly rows: readonly (number | string)[];
  }[];
}

function toNumber(cell: number | string): number {
  const special: Record<string, number> = {
    nan: Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    "-inf": Number.NEGATIVE_INFINITY,
  };
  return special[cell] ?? Number(cell);
}

/** Starts the engine of a graph without a label: its scores for any number of columns. */
async function startScores(bytes: Uint8Array, options: Partial<EngineOptions> = {}) {
  const file = readEngineFile(bytes);
  const graph = toEngineGraph(file, { task: "regression", outputs: 0, classes: [] });
  const client = createEngineClient(graph, { ...DEFAULT_ENGINE, ...options });
  await client.start();
  return { client, file };
}

async function runOne(client: EngineClient, value: number): Promise<readonly number[]> {
  const { scores } = await client.run({ values: Float64Array.of(value), count: 1 });
  return [...scores];
}

function listen(client: EngineClient): EngineFailure[] {
  const failures: EngineFailure[] = [];
  client.onFailure((failure) => failures.push(failure));
  return failures;
}

/** True while a process exists. */
function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Starts a program that loads a version, and prints the process ids of its children. */
function startProgram(directory: string, code: string) {
  const source = `
    import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
    import { loadModel } from ${JSON.stringify(`${process.cwd()}/src/model/load-model.ts`)};
    const { executor } = await loadModel(${JSON.stringify(directory)});
    console.log(readFileSync(\`/proc/self/task/\${process.pid}/children\`, "utf8"));
    ${code}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (bytes) => (text += bytes));
  return {
    ended: once(child, "close").then(([code_]) => code_),
    get engines(): readonly number[] {
      return text.trim() === "" ? [] : text.trim().split(/\s+/).map(Number);
    },
    kill: () => child.kill("SIGKILL"),
  };
}

const TENSORS: Readonly<Record<string, Tensor.Type>> = {
  float: "float32",
  double: "float64",
  int64: "int64",
  bool: "bool",
  string: "string",
};

describe("a graph in the engine", () => {
  it.each([
    "knn",
    "qda",
    "kmeans",
    "one-vs-one",
    "adaboost-regression",
    "mlp",
    "logistic-strings",
    "linear-double",
    "linear-targets",
    "forest-int64",
    "forest-bool",
    "inputs-forest",
    "titanic-onehot-forest",
    "titanic-integers",
    "titanic-ordinal",
  ])("%s predicts the bits of onnxruntime in this process", async (name) => {
    const bytes = readFileSync(`test/fixtures/pipelines/${name}.onnx`);
    const fixture: Fixture = JSON.parse(
      readFileSync(`test/fixtures/pipelines/${name}.json`, "utf8"),
    );
    const file = readEngineFile(bytes);
    const count = fixture.inputs[0]!.rows.length / file.inputs[0]!.width;
    // Strings are the categories of a feature, in the order of their first row.
    const lists = fixture.inputs.map(({ rows }, i) =>
      file.inputs[i]!.type === "string" ? [...new Set(rows.map(String))] : null,
    );
    const values = Float64Array.from({ length: count * file.features }, (_, at) => {
      const column = at % file.features;
      const i = file.inputs.findLastIndex(({ firstFeature }) => firstFeature <= column);
      const { width, firstFeature } = file.inputs[i]!;
      const row = Math.floor(at / file.features);
      const cell = fixture.inputs[i]!.rows[row * width + column - firstFeature]!;
      return lists[i]?.indexOf(String(cell)) ?? toNumber(cell);
    });
    const isClassifier = file.label !== undefined && file.width !== 1;
    const outputs = file.width ?? 3;
    const classes = isClassifier ? file.findClasses(outputs) : [];
    if (classes === undefined) throw new Error("Expected classes");
    const task = isClassifier ? "classification" : "regression";
    const features = file.inputs.flatMap(({ name: feature, width }, i) =>
      Array.from({ length: width }, () => ({
        name: feature,
        type: "category" as const,
        precision: "float64" as const,
        unit: null,
        min: null,
        max: null,
        nullable: false,
        categories: (lists[i] ?? []).map((value) => ({ value, share: null })),
      })),
    );
    const graph = withStrings(toEngineGraph(file, { task, outputs, classes }), features);
    const client = createEngineClient(graph, DEFAULT_ENGINE);
    await client.start();
    const result = await client.run({ values, count });
    await client.close();

    const session = await ort.InferenceSession.create(file.bytes, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    const feeds = Object.fromEntries(
      file.inputs.map(({ name: input, type, width, isVector }, i) => {
        const cells = fixture.inputs[i]!.rows;
        const data =
          type === "string"
            ? cells.map(String)
            : type === "int64"
              ? BigInt64Array.from(cells, (cell) => BigInt(toNumber(cell)))
              : type === "bool"
                ? Uint8Array.from(cells, toNumber)
                : type === "double"
                  ? Float64Array.from(cells, toNumber)
                  : Float32Array.from(cells, toNumber);
        const dims = isVector ? [count] : [count, width];
        return [input, new ort.Tensor(TENSORS[type]!, data, dims)];
      }),
    );
    const expected = await session.run(feeds);
    const scores = (expected[graph.scores] as Tensor).data;
    expect(result.scores).toEqual(Float32Array.from(scores as Float32Array));
    if (graph.label === null) return;
    const labels = Array.from((expected[graph.label] as Tensor).data, String);
    expect(Array.from(result.labels, (label) => String(classes[label]))).toEqual(labels);
  });
});

describe("an engine process", () => {
  it("is replaced after it was killed, and only the requests that it had fail", async () => {
    const { client } = await startScores(createTimeHog());
    const failures = listen(client);
    const { pid } = client;
    // The first two are in the process; the others wait.
    const running = [700, 700, 1, 2].map((value) => runOne(client, value));
    process.kill(pid ?? 0, "SIGKILL");
    const results = await Promise.allSettled(running);
    expect(results.map(({ status }) => status)).toEqual([
      "rejected",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    expect(results[0]).toMatchObject({ reason: { code: "ENGINE_FAILED", status: 503 } });
    expect(await runOne(client, 3)).toEqual([7]);
    expect(client.pid).not.toBe(pid);
    expect(failures).toEqual(["crash"]);
    await client.close();
  });

  it("is replaced when a request takes too long", async () => {
    const { client } = await startScores(createTimeHog(), { engineTimeout: 0.3 });
    const failures = listen(client);
    await expect(runOne(client, 8_000)).rejects.toMatchObject({
      code: "ENGINE_TIMEOUT",
      message: expect.stringContaining("more than 0.3 s"),
    });
    await expect.poll(() => runOne(client, 4)).toEqual([9]);
    expect(failures).toEqual(["timeout"]);
    await client.close();
  });

  it("is replaced when it is stopped", async () => {
    const { client } = await startScores(createTimeHog(), { engineTimeout: 0.3 });
    process.kill(client.pid ?? 0, "SIGSTOP");
    await expect(runOne(client, 1)).rejects.toMatchObject({ code: "ENGINE_TIMEOUT" });
    await expect.poll(() => runOne(client, 4)).toEqual([9]);
    await client.close();
  });

  it("is ended when its memory exceeds the limit, also while it computes", async () => {
    const { client } = await startScores(createMemoryHog(), { engineMemory: 400 });
    const failures = listen(client);
    await expect(runOne(client, 2e9)).rejects.toMatchObject({
      code: "ENGINE_FAILED",
      message: expect.stringContaining("more than 400 MiB of memory"),
    });
    await expect.poll(() => runOne(client, 4)).toEqual([4]);
    expect(failures).toEqual(["memory"]);
    await client.close();
  });

  it("is ended when its memory exceeds the limit while it loads", async () => {
    await expect(startScores(createLargeFile(), { engineMemory: 300 })).rejects.toMatchObject({
      code: "MODEL_UNSUPPORTED",
      message: expect.stringMatching(/could not load the model: .* more than 300 MiB of memory/),
    });
  });

  it("does not send more numbers than a model may have", async () => {
    const { client } = await startScores(createWideOutput());
    expect(await runOne(client, 2)).toEqual([2, 2, 2]);
    await expect(runOne(client, 20_000)).rejects.toMatchObject({
      code: "MODEL_UNSUPPORTED",
      message: expect.stringContaining('output "y": Expected 10000 numbers, got 20001'),
    });
    await client.close();
  });

  it("receives a large file", async () => {
    const { client } = await startScores(createLargeFile());
    expect(await runOne(client, 4)).toEqual([4]);
    await client.close();
  });

  it("rejects a graph that onnxruntime rejects, with its reason", async () => {
    const bytes = Buffer.from(createTimeHog());
    const text = bytes.toString("latin1").replace("ReduceMax", "NoSuchOp1");
    await expect(startScores(Buffer.from(text, "latin1"))).rejects.toMatchObject({
      code: "MODEL_UNSUPPORTED",
      message: expect.stringContaining("NoSuchOp1"),
    });
  });

  it("is started later after each quick end, and requests fail at once meanwhile", async () => {
    const { client } = await startScores(createTimeHog());
    const failures = listen(client);
    for (let end = 1; end <= 4; end++) {
      await expect.poll(() => isAlive(client.pid)).toBe(true);
      await expect.poll(() => runOne(client, 0).catch(() => [])).toEqual([1]);
      process.kill(client.pid ?? 0, "SIGKILL");
      await expect.poll(() => failures.length).toBe(end);
    }
    await expect(runOne(client, 0)).rejects.toMatchObject({
      code: "ENGINE_FAILED",
      message: expect.stringContaining("has ended, and starts again"),
    });
    await expect.poll(() => runOne(client, 0).catch(() => [])).toEqual([1]);
    await client.close();
  });

  it("has a bounded queue", async () => {
    const { client } = await startScores(createTimeHog());
    const all = Array.from({ length: 300 }, (_, i) => runOne(client, i === 0 ? 700 : 0));
    const results = await Promise.allSettled(all);
    const rejected = results.filter(({ status }) => status === "rejected");
    expect(rejected).toHaveLength(300 - 256 - 2);
    expect(rejected[0]).toMatchObject({ reason: { code: "ENGINE_OVERLOADED" } });
    await client.close();
  });

  it("rejects a request that has waited too long", async () => {
    const { client } = await startScores(createTimeHog(), { engineTimeout: 0.5 });
    process.kill(client.pid ?? 0, "SIGSTOP");
    const running = [0, 0, 0].map((value) => runOne(client, value));
    const codes = (await Promise.allSettled(running)).map((result) =>
      result.status === "rejected" && result.reason instanceof TepalError
        ? result.reason.code
        : result.status,
    );
    expect(codes).toEqual(["ENGINE_TIMEOUT", "ENGINE_TIMEOUT", "ENGINE_OVERLOADED"]);
    await client.close();
  });

  it("leaves no process when it is closed, also while it computes", async () => {
    const { client } = await startScores(createTimeHog());
    const { pid } = client;
    const running = [20_000, 0, 0].map((value) => runOne(client, value));
    const settled = Promise.allSettled(running);
    await client.close();
    for (const result of await settled) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "ENGINE_FAILED" } });
    }
    expect(isAlive(pid)).toBe(false);
    await expect(runOne(client, 1)).rejects.toMatchObject({ code: "ENGINE_FAILED" });
    await client.close();
  });

  it("gets no secrets of the server's environment", async () => {
    process.env["TEPAL_TEST_SECRET"] = "secret";
    const { client } = await startScores(createTimeHog());
    delete process.env["TEPAL_TEST_SECRET"];
    if (process.platform === "linux") {
      const environment = await readFile(`/proc/${client.pid}/environ`, "utf8");
      expect(environment).toContain("PATH=");
      expect(environment).not.toContain("TEPAL_TEST_SECRET");
    }
    await client.close();
  });
});

describe("a model version of the engine", () => {
  it("loads, predicts and reproduces its golden pairs", async () => {
    await using folder = await createFolder();
    await addKnn(folder.path);
    const { executor, manifest } = await loadModel(`${folder.path}/knn/1`);
    expect(manifest).toMatchObject({ engine: "onnxruntime", task: "classification" });
    const scores = new Float32Array(3);
    const labels = new Int32Array(1);
    await executor.run(Float64Array.of(5.1, 3.5, 1.4, 0.2), 1, scores, labels);
    expect([[...scores], [...labels]]).toEqual([[1, 0, 0], [0]]);
    await executor.close?.();
  });

  it("is rejected if it does not reproduce its golden pairs", async () => {
    await using folder = await createFolder();
    await addKnn(folder.path);
    const path = `${folder.path}/knn/1`;
    const [manifest, golden] = await Promise.all(
      ["manifest.json", "golden.json"].map((name) => readFile(`${path}/${name}`, "utf8")),
    );
    const changed = golden!.replace('"label":2', '"label":1');
    expect(changed).not.toBe(golden);
    const digests = await Promise.all(
      [golden!, changed].map(async (text) => {
        const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
        return Buffer.from(bytes).toString("hex");
      }),
    );
    await writeFile(`${path}/golden.json`, changed);
    await writeFile(`${path}/manifest.json`, manifest!.replace(digests[0]!, digests[1]!));
    await expect(loadModel(path)).rejects.toThrow(
      /golden\.json: \/pairs\/\d+: Expected the label 1/,
    );
  });

  it("without `engine` in its manifest is rejected with the operator", async () => {
    await using folder = await createFolder();
    await addKnn(folder.path);
    const path = `${folder.path}/knn/1/manifest.json`;
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace(/"engine": "onnxruntime",\s*/, ""));
    await expect(loadModel(`${folder.path}/knn/1`)).rejects.toMatchObject({
      code: "MODEL_UNSUPPORTED",
      message: expect.stringContaining("Scan"),
    });
  });

  it("does not keep a program running that has loaded it, and ends with it", async () => {
    await using folder = await createFolder();
    await addKnn(folder.path);
    const program = startProgram(`${folder.path}/knn/1`, "");
    expect(await program.ended).toBe(0);
    await expect.poll(() => program.engines.some(isAlive)).toBe(false);
  });

  it("keeps a program that closes it running until it has ended", async () => {
    await using folder = await createFolder();
    await addKnn(folder.path);
    // A stopped process is killed after a second. The program has nothing else to wait for.
    const close = `
      const engine = readFileSync(\`/proc/self/task/\${process.pid}/children\`, "utf8").trim();
      process.kill(Number(engine), "SIGSTOP");
      await executor.close();`;
    const program = startProgram(`${folder.path}/knn/1`, close);
    expect(await program.ended).toBe(0);
    expect(program.engines.some(isAlive)).toBe(false);
  });

  it("ends when its program is killed, also while it computes", async () => {
    await using folder = await createFolder();
    const { model } = await importModel({
      graph: createTimeHog(),
      models: folder.path,
      name: "slow",
    });
    await model.executor.close?.();
    const run = `void executor.run(Float64Array.of(20_000), 1, new Float32Array(1), new Int32Array(1));
      setTimeout(() => {}, 60_000);`;
    const program = startProgram(`${folder.path}/slow/1`, run);
    await expect.poll(() => program.engines.length).toBe(1);
    await sleep(200);
    program.kill();
    await expect.poll(() => program.engines.some(isAlive)).toBe(false);
  });
});
