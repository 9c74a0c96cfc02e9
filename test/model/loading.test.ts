import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_ENGINE } from "../../src/model/engine/options.ts";
import { loadModel, loadModelHere } from "../../src/model/load-model.ts";
import { createLoader } from "../../src/model/loading/loader.ts";
import type { AnyExecutor, LoadedModel } from "../../src/model/model.ts";
import { createRegistry } from "../../src/model/registry.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import { BIG_ROW, writeBigModel } from "../support/big-model.ts";
import { addKnn, listEngines } from "../support/engine-models.ts";
import { createFolder, type TemporaryFolder } from "../support/folders.ts";
import { toIrisObject } from "../support/models.ts";
import { startServer } from "../support/server.ts";
import { watchThreads } from "../support/threads.ts";
import { until } from "../support/workers.ts";

/** 24 MB: takes about a second of processor time to load. */
const TREES = 16;
const SETOSA = toIrisObject([5.1, 3.5, 1.4, 0.2]);

let folder: TemporaryFolder;
let big: string;
beforeAll(async () => {
  folder = await createFolder();
  big = await writeBigModel(folder.path, "big", TREES);
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Returns the processor time of this thread that an action takes, in milliseconds. */
async function measureThread(action: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await action();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

describe("loading a large model", () => {
  it("takes next to no processor time of the thread that serves", async () => {
    const here = await measureThread(() => loadModelHere(big));
    const inThread = await measureThread(() => loadModel(big));
    expect(inThread).toBeLessThan(here / 5);
  });

  it("by a reload lets predictions and /health/live pass all the time", async () => {
    await using server = await startServer();
    await writeBigModel(server.models, "big", TREES);
    const gaps: number[] = [];
    const loading = new AbortController();
    const keepSending = async (send: () => Promise<{ readonly status: number }>): Promise<void> => {
      while (!loading.signal.aborted) {
        const sent = performance.now();
        expect((await send()).status).toBe(200);
        gaps.push(performance.now() - sent);
      }
    };
    const begun = performance.now();
    const sending = [
      keepSending(() => server.post("/predict", SETOSA)),
      keepSending(() => server.get("/health/live")),
    ];
    const { loaded } = await server.server.reload();
    const duration = performance.now() - begun;
    loading.abort();
    await Promise.all(sending);
    expect(loaded).toEqual([{ name: "big", version: 1 }]);
    // Parsed on the event loop, the longest request takes nearly as long as the reload.
    expect(Math.max(...gaps)).toBeLessThan(duration / 3);
    const reply = await server.post("/models/big/predict", BIG_ROW);
    expect(reply.json.label).toMatch(/^[abc]$/);
  });

  it("gives the same bits in a thread as here", async () => {
    const rows = Float64Array.from({ length: 4 * 50 }, (_, i) => (i * 0.618) % 1);
    const [one, two] = [await loadModel(big), await loadModelHere(big)];
    const results = [one, two].map(({ executor }) => {
      const scores = new Float32Array(50 * executor.outputs);
      const labels = new Int32Array(50);
      executor.run(rows, 50, scores, labels);
      return { scores, labels };
    });
    expect(results[0]).toEqual(results[1]);
  });
});

describe("the loading thread", () => {
  it("is one for all large versions of a reload, ends with it, and is not started for others", async () => {
    using watch = watchThreads("loading");
    await using server = await startServer();
    expect((await server.post("/predict", SETOSA)).status).toBe(200);
    expect(watch.threads).toHaveLength(0);
    await writeBigModel(server.models, "a", 1);
    await writeBigModel(server.models, "b", 1);
    expect((await server.server.reload()).loaded).toHaveLength(2);
    expect(watch.threads).toHaveLength(1);
    await server.server.reload();
    expect(watch.threads).toHaveLength(1);
    await until(() => watch.threads.every(({ threadId }) => threadId === -1));
  });

  it("fails the version that ends it, and the next version gets a new one", async () => {
    using watch = watchThreads("loading");
    await using loader = createLoader();
    const loading = loader.load(big);
    loading.catch(() => {});
    await until(() => watch.threads.length === 1);
    await watch.threads[0]?.terminate();
    await expect(loading).rejects.toMatchObject({
      code: "INTERNAL",
      message: expect.stringContaining("The loading thread ended"),
    });
    expect((await loader.load(big)).manifest.name).toBe("big");
  });

  it("also checks a large model that is imported to memory, whose bytes stay the caller's", async () => {
    using watch = watchThreads("loading");
    const graph = await readFile(join(big, "model.onnx"));
    const { model } = await importModel({ graph, name: "mine" });
    expect(watch.threads).toHaveLength(1);
    expect(model.executor.outputs).toBe(3);
    expect(graph.length).toBeGreaterThan(20e6);
  });

  it("reports what is wrong with a version, with every problem", async () => {
    const error = await loadModel(join(folder.path, "nothing")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "MODEL_DAMAGED",
      problems: [{ message: expect.stringContaining("ENOENT") }],
    });
  });

  it("ends when the registry is closed, which cancels a reload and changes nothing", async () => {
    using watch = watchThreads("loading");
    const registry = createRegistry<string>(
      { ...DEFAULT_ENGINE, models: folder.path, defaultModel: null, loadVersions: 1 },
      { prepare: ({ manifest }) => manifest.name, dispose: () => {} },
    );
    const reloading = registry.reload();
    reloading.catch(() => {});
    await until(() => watch.threads.length === 1);
    await turn();
    await registry.close();
    await expect(reloading).rejects.toMatchObject({ code: "CANCELLED" });
    await expect(registry.reload()).rejects.toMatchObject({ code: "CANCELLED" });
    expect(registry.ready()).toEqual([]);
    await until(() => watch.threads.every(({ threadId }) => threadId === -1));
  });

  it("ends the engines of versions that were loaded before, if the registry closes meanwhile", async () => {
    await using models = await createFolder();
    await addKnn(models.path);
    await writeBigModel(models.path, "large", TREES);
    const prepared = Promise.withResolvers<void>();
    const registry = createRegistry<LoadedModel<AnyExecutor>>(
      { ...DEFAULT_ENGINE, models: models.path, defaultModel: null, loadVersions: 1 },
      {
        prepare(model) {
          prepared.resolve();
          return model;
        },
        dispose: ({ executor }) => void executor.close?.(),
      },
    );
    const loading = registry.reload();
    // The name of the other model is later in the order.
    await prepared.promise;
    expect(await listEngines()).toHaveLength(1);
    await registry.close();
    await expect(loading).rejects.toMatchObject({ code: "CANCELLED" });
    await expect.poll(listEngines).toEqual([]);
  });
});
