import {
  appendFile,
  cp,
  mkdir,
  readFile,
  readdir,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { listVersions, readArtifact } from "../../src/model/artifact.ts";
import { checkGolden, createGolden, parseGolden } from "../../src/model/golden.ts";
import { expectLocal } from "../../src/model/expect-local.ts";
import { loadModel } from "../../src/model/load-model.ts";
import type { Manifest } from "../../src/model/manifest.ts";
import { decodeModel } from "../../src/model/onnx/decode-model.ts";
import { parseManifest } from "../../src/model/parse-manifest.ts";
import { trainModel } from "../../src/training/train-model.ts";
import { createFolder } from "../support/folders.ts";
import { IRIS, copyIris, trainIris, trainPlane } from "../support/models.ts";

async function withIris<T>(use: (directory: string, models: string) => Promise<T>): Promise<T> {
  await using folder = await createFolder();
  await copyIris(folder.path);
  return await use(join(folder.path, "iris", "1"), folder.path);
}

async function editManifest(
  directory: string,
  edit: (manifest: Manifest) => object,
): Promise<void> {
  const path = join(directory, "manifest.json");
  const manifest = parseManifest(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify(edit(manifest)));
}

describe("a trained model", () => {
  it("has all files of a model directory, and a manifest with its provenance", async () => {
    await withIris(async (directory) => {
      expect((await readdir(directory)).toSorted()).toEqual([
        "golden.json",
        "manifest.json",
        "model.onnx",
        "reference.bin",
      ]);
      const { manifest } = await readArtifact(directory);
      expect(manifest).toMatchObject({
        format: 2,
        name: "iris",
        version: 1,
        task: "classification",
        classes: ["setosa", "versicolor", "virginica"],
        targets: ["species"],
        provenance: {
          tool: expect.stringMatching(/^tepal \d/),
          data: "iris.csv",
          options: { trees: 128, seed: 42, max_depth: null },
        },
      });
      expect(manifest.features[0]).toEqual({
        name: "sepal_length",
        type: "number",
        precision: "float32",
        unit: "cm",
        min: 4.3,
        max: 7.9,
        nullable: false,
      });
    });
  });

  it("runs in onnxruntime with the same labels and the same bits", async () => {
    await withIris(async (directory) => {
      const graph = await readFile(join(directory, "model.onnx"));
      const session = await InferenceSession.create(graph, { intraOpNumThreads: 1 });
      expect(session.inputNames).toEqual(["features"]);
      expect(session.outputNames).toEqual(["label", "probabilities"]);
      const rows = IRIS.flatMap(({ row }) => row);
      const input = new Tensor("float32", Float32Array.from(rows), [150, 4]);
      const { label, probabilities } = await session.run({ features: input });
      const { executor } = await loadModel(directory);
      const scores = new Float32Array(450);
      const labels = new Int32Array(150);
      executor.run(Float64Array.from(rows), 150, scores, labels);
      expect(probabilities?.data).toEqual(scores);
      expect(label?.data).toEqual(Array.from(labels, (index) => String(executor.classes[index])));
    });
  });

  it("describes itself in its ONNX file: version, domain and a sentence", async () => {
    await using folder = await createFolder();
    const { directory } = await trainIris(folder.path, { trees: 8 });
    const first = decodeModel(await readFile(join(directory, "model.onnx")));
    expect(first).toMatchObject({
      domain: "tepal",
      modelVersion: 1,
      docString:
        "Random forest of 8 trees: predicts the class of species from 4 features. Trained by Tepal on 150 rows.",
    });
    await mkdir(join(folder.path, "iris", "300"));
    const next = await trainIris(folder.path, { trees: 8 });
    const bytes = await readFile(join(next.directory, "model.onnx"));
    expect(decodeModel(bytes).modelVersion).toBe(301);
    const session = await InferenceSession.create(bytes);
    expect(session.inputNames).toEqual(["features"]);
  });

  it("is equal in every byte for the same seed, except for times in the manifest and the version, and differs for another seed", async () => {
    await using folder = await createFolder();
    for (const seed of [1, 1, 2]) await trainIris(folder.path, { seed, trees: 16 });
    const read = (version: number, name: string): Promise<Buffer> =>
      readFile(join(folder.path, "iris", String(version), name));
    for (const name of ["reference.bin", "golden.json"]) {
      expect(await read(1, name)).toEqual(await read(2, name));
    }
    const graphs = await Promise.all([1, 2].map((version) => read(version, "model.onnx")));
    expect(graphs.map((bytes) => decodeModel(bytes).modelVersion)).toEqual([1, 2]);
    const [without1, without2] = graphs.map((bytes) => bytes.subarray(0, -1));
    expect(without1).toEqual(without2);
    const [first, second] = await Promise.all(
      [1, 2].map(async (version) => parseManifest(String(await read(version, "manifest.json")))),
    );
    const timeless = (manifest: Manifest | undefined): object => ({
      ...manifest,
      version: 0,
      files: { ...manifest?.files, "model.onnx": "" },
      provenance: { ...manifest?.provenance, created: "" },
      training: { ...(manifest?.training as object), seconds: 0 },
    });
    expect(timeless(first)).toEqual(timeless(second));
    expect(await read(3, "model.onnx")).not.toEqual(await read(1, "model.onnx"));
  });

  it("gets the next version number, also when several are trained at once", async () => {
    await using folder = await createFolder();
    await mkdir(join(folder.path, "iris", "7"), { recursive: true });
    const trained = await Promise.all(
      [1, 2, 3, 4].map((seed) => trainIris(folder.path, { seed, trees: 4 })),
    );
    expect(trained.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([8, 9, 10, 11]);
    for (const { directory, version } of trained) {
      expect((await loadModel(directory)).manifest.version).toBe(version);
    }
    expect(await listVersions(join(folder.path, "iris"))).toEqual([7, 8, 9, 10, 11]);
  });

  it("leaves no files when training is cancelled or the model cannot be written", async () => {
    await using folder = await createFolder();
    const models = join(folder.path, "models");
    const controller = new AbortController();
    const request = {
      models,
      name: "iris",
      data: { name: "x", text: "a,y\n1,p\n2,q\n3,p\n4,q\n" },
      target: "y",
    };
    const onProgress = (): void => controller.abort();
    await expect(
      trainModel(request, { signal: controller.signal, onProgress }),
    ).rejects.toMatchObject({
      code: "CANCELLED",
    });
    expect(await readdir(folder.path)).toEqual([]);
    await writeFile(models, "a file, not a folder");
    await expect(trainModel(request)).rejects.toMatchObject({ code: "CANNOT_WRITE" });
    expect(await readdir(folder.path)).toEqual(["models"]);
  });
});

describe("loading a model", () => {
  it.each([
    [
      "a missing graph",
      (d: string) => rm(join(d, "model.onnx")),
      "Invalid model.onnx: The file cannot be read: ENOENT",
    ],
    [
      "a missing manifest",
      (d: string) => rm(join(d, "manifest.json")),
      "Invalid manifest.json: The file cannot be read: ENOENT",
    ],
    [
      "a graph that is a folder",
      async (d: string) => {
        await rm(join(d, "model.onnx"));
        await mkdir(join(d, "model.onnx"));
      },
      "Invalid model.onnx: Expected a regular file.",
    ],
    [
      "a graph that is a device",
      async (d: string) => {
        await rm(join(d, "model.onnx"));
        await symlink("/dev/zero", join(d, "model.onnx"));
      },
      "Invalid model.onnx: Expected a regular file.",
    ],
    [
      "a truncated graph",
      (d: string) => truncate(join(d, "model.onnx"), 1_000),
      "Invalid model.onnx: Expected the SHA-256",
    ],
    [
      "a longer reference",
      (d: string) => appendFile(join(d, "reference.bin"), "x"),
      "Invalid reference.bin: Expected the SHA-256",
    ],
    [
      "changed golden pairs",
      (d: string) => writeFile(join(d, "golden.json"), '{"pairs": []}'),
      "Invalid golden.json: Expected the SHA-256",
    ],
    [
      "an empty manifest",
      (d: string) => writeFile(join(d, "manifest.json"), ""),
      "Invalid manifest.json: Expected valid JSON.",
    ],
    [
      "a manifest that is a list",
      (d: string) => writeFile(join(d, "manifest.json"), "[]"),
      "Invalid manifest.json: Expected an object, got []. Restore the model from a copy",
    ],
    [
      "a manifest of another format",
      (d: string) => editManifest(d, (m) => ({ ...m, format: 3 })),
      "/format: Expected 2, got 3.",
    ],
    [
      "no digests",
      (d: string) => editManifest(d, (m) => ({ ...m, files: {} })),
      "/files/model.onnx: Missing. Expected the SHA-256 of model.onnx.",
    ],
    [
      "a manifest with too few features",
      (d: string) => editManifest(d, (m) => ({ ...m, features: m.features.slice(1) })),
      "/features: Expected 4 features as in model.onnx, got 3.",
    ],
    [
      "classes in another order",
      (d: string) => editManifest(d, (m) => ({ ...m, classes: m.classes.toReversed() })),
      "/classes/0: Expected setosa as in model.onnx, got virginica.",
    ],
    [
      "a manifest with too many classes",
      (d: string) => editManifest(d, (m) => ({ ...m, classes: [...m.classes, "x"] })),
      "/classes: Expected 3 classes as in model.onnx, got 4.",
    ],
    [
      "another task",
      (d: string) => editManifest(d, (m) => ({ ...m, task: "regression", classes: [] })),
      "/task: Expected classification as in model.onnx, got regression.",
    ],
    [
      "two classes with the same name",
      (d: string) => editManifest(d, (m) => ({ ...m, classes: ["a", "a", "b"] })),
      "/classes/1: Expected a unique name, got a duplicate.",
    ],
    [
      "two features with the same name",
      (d: string) =>
        editManifest(d, (m) => ({ ...m, features: m.features.map((f) => ({ ...f, name: "x" })) })),
      "Invalid manifest.json: /features/1/name: Expected a name of its own, got that of feature 0.",
    ],
  ])("rejects %s", async (_title, damage, message) => {
    await withIris(async (directory) => {
      await damage(directory);
      await expect(loadModel(directory)).rejects.toMatchObject({
        code: "MODEL_DAMAGED",
        message: expect.stringContaining(message),
      });
    });
  });

  it("rejects a graph that does not reproduce the golden pairs although all digests are correct", async () => {
    await using folder = await createFolder();
    await trainIris(folder.path, { seed: 1, trees: 8 });
    await trainIris(folder.path, { seed: 2, trees: 8 });
    const [one, two] = ["1", "2"].map((version) => join(folder.path, "iris", version));
    if (one === undefined || two === undefined) throw new Error("Expected two versions.");
    await cp(join(two, "model.onnx"), join(one, "model.onnx"));
    const digest = (await readArtifact(two)).manifest.files["model.onnx"] ?? "";
    await editManifest(one, (m) => ({ ...m, files: { ...m.files, "model.onnx": digest } }));
    await expect(loadModel(one)).rejects.toThrow(
      /^model.onnx does not reproduce golden.json: \/pairs\/\d+: Expected the score/,
    );
  });

  it("supports golden pairs whose scores JSON cannot represent", async () => {
    await withIris(async (directory) => {
      const { executor } = expectLocal(await loadModel(directory));
      const overflowing = {
        ...executor,
        run: (_rows: Float64Array, _count: number, scores: Float32Array) =>
          void scores.fill(Number.POSITIVE_INFINITY),
      };
      const golden = createGolden(overflowing, new Float64Array(4));
      expect(golden.pairs[0]?.scores).toEqual([null, null, null]);
      checkGolden(parseGolden(JSON.stringify(golden)), overflowing);
      expect(() => checkGolden(golden, executor)).toThrow(
        "/pairs/0: Expected a score that is not finite for output 0",
      );
    });
  });

  it("rejects golden pairs with the correct scores and a wrong label, or of another shape", async () => {
    await withIris(async (directory) => {
      const { executor } = expectLocal(await loadModel(directory));
      const golden = createGolden(executor, Float64Array.from(IRIS[0]?.row ?? []));
      const [pair] = golden.pairs;
      if (pair === undefined) throw new Error("Expected a pair.");
      checkGolden(golden, executor);
      expect(() => checkGolden({ pairs: [{ ...pair, label: 1 }] }, executor)).toThrow(
        "/pairs/0: Expected the label 1, got 0.",
      );
      expect(() => parseGolden('{"pairs": []}')).toThrow(
        "Invalid golden.json: /pairs: Expected a list of 1 to 1000",
      );
      const short = { ...pair, input: pair.input.slice(1) };
      expect(() => checkGolden({ pairs: [short] }, executor)).toThrow(
        "/pairs/0: Expected an input of 4 numbers, got 3.",
      );
    });
  });

  it("loads a regression model", async () => {
    await using folder = await createFolder();
    const { directory } = await trainPlane(folder.path);
    const { executor, manifest } = await loadModel(directory);
    expect(manifest).toMatchObject({ task: "regression", classes: [], targets: ["y"] });
    const scores = new Float32Array(1);
    executor.run(Float64Array.of(4, 3), 1, scores, new Int32Array(1));
    expect(Math.abs((scores[0] ?? 0) - 5.25)).toBeLessThan(0.5);
  });
});

describe("parseManifest", () => {
  it("parses or rejects any changed manifest, and throws no other error", async () => {
    const text = await withIris((directory) => readFile(join(directory, "manifest.json"), "utf8"));
    const change = fc.record({
      at: fc.integer({ min: 0, max: text.length - 1 }),
      length: fc.integer({ min: 0, max: 20 }),
      insert: fc.oneof(
        fc.constantFrom("null", "-1", "1e999", "[]", "{}", '"', ",", "true", '"__proto__": 1,'),
        fc.string({ maxLength: 5 }),
      ),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let changed = text;
        for (const { at, length, insert } of changes) {
          changed = changed.slice(0, at) + insert + changed.slice(at + length);
        }
        try {
          expect(parseManifest(changed).features.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toMatchObject({ code: "MODEL_DAMAGED" });
        }
      }),
      { numRuns: 300 },
    );
  });
});
