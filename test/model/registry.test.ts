import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_ENGINE } from "../../src/model/engine/options.ts";
import type { ModelStatus, Registry } from "../../src/model/model.ts";
import { createRegistry } from "../../src/model/registry.ts";
import { createFolder, type TemporaryFolder } from "../support/folders.ts";
import { trainIris, trainPlane } from "../support/models.ts";

/** Three healthy versions of iris, and one of plane. */
let healthy: TemporaryFolder;
beforeAll(async () => {
  healthy = await createFolder();
  for (let seed = 1; seed <= 3; seed++) await trainIris(healthy.path, { trees: 4, seed });
  await trainPlane(healthy.path);
});
afterAll(() => healthy[Symbol.asyncDispose]());

interface TestRegistry extends AsyncDisposable {
  readonly registry: Registry<string>;
  readonly models: string;
  /** Copies healthy versions into the folder. */
  add(...versions: readonly string[]): Promise<void>;
  /** Adds versions without a valid file. */
  addBroken(...versions: readonly string[]): Promise<void>;
  remove(path: string): Promise<void>;
  /** Returns the states of a model's versions by number, and the one that serves. */
  states(name?: string): readonly unknown[];
}

async function createTestRegistry(
  options: { readonly loadVersions?: number; readonly defaultModel?: string } = {},
): Promise<TestRegistry> {
  const folder = await createFolder();
  const models = join(folder.path, "models");
  await mkdir(models);
  const live = new Set<string>();
  const registry = createRegistry<string>(
    { ...DEFAULT_ENGINE, models, defaultModel: null, loadVersions: 3, ...options },
    {
      prepare({ manifest }) {
        const value = `${manifest.name}/${manifest.version}`;
        live.add(value);
        return value;
      },
      dispose: (value) => void live.delete(value),
    },
  );
  const find = (name: string): ModelStatus | undefined =>
    registry.list().find((model) => model.name === name);
  return {
    registry,
    models,
    async add(...versions) {
      for (const version of versions) {
        await rm(join(models, version), { recursive: true, force: true });
        await cp(join(healthy.path, version), join(models, version), { recursive: true });
      }
    },
    async addBroken(...versions) {
      for (const version of versions) {
        await mkdir(join(models, version), { recursive: true });
        await writeFile(join(models, version, "manifest.json"), "junk");
      }
    },
    remove: (path) => rm(join(models, path), { recursive: true }),
    states(name = "iris") {
      const model = find(name);
      return [...(model?.versions ?? []).map(({ state }) => state), model?.serving];
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe("versions that cannot be loaded", () => {
  it.each([1, 3])("take the place of no version that can, with --load-versions %i", async (n) => {
    await using folder = await createTestRegistry({ loadVersions: n });
    await folder.add("iris/1");
    await folder.registry.reload();
    await folder.addBroken("iris/2", "iris/3", "iris/4");
    const changes = await folder.registry.reload();
    expect(changes.removed).toEqual([]);
    expect(changes.failed.map(({ version }) => version)).toEqual([2, 3, 4]);
    expect(folder.states()).toEqual(["READY", "FAILED", "FAILED", "FAILED", 1]);
    expect(folder.registry.find()).toBe("iris/1");
    // A start with the same folder gives the same.
    const fresh = createRegistry<string>(
      { ...DEFAULT_ENGINE, models: folder.models, defaultModel: null, loadVersions: n },
      { prepare: ({ manifest }) => String(manifest.version), dispose: () => {} },
    );
    await fresh.reload();
    expect(fresh.find()).toBe("1");
  });

  it("give way to the newest versions that can be loaded, of which others are not loaded", async () => {
    await using folder = await createTestRegistry({ loadVersions: 2 });
    await folder.add("iris/1", "iris/2", "iris/3");
    await rename(join(folder.models, "iris", "3"), join(folder.models, "iris", "9"));
    await folder.add("iris/3");
    await folder.registry.reload();
    // Version 9 names another version in its manifest.
    expect(folder.states()).toEqual(["NOT_LOADED", "READY", "READY", "FAILED", 3]);
    await folder.remove("iris/9");
    await folder.remove("iris/3");
    const { loaded, removed } = await folder.registry.reload();
    expect(loaded).toEqual([{ name: "iris", version: 1 }]);
    expect(removed).toEqual([{ name: "iris", version: 3 }]);
    expect(folder.states()).toEqual(["READY", "READY", 2]);
  });

  it("leave what was loaded from them in place when they break on disk", async () => {
    await using folder = await createTestRegistry({ loadVersions: 1 });
    await folder.add("iris/1", "iris/2");
    await folder.registry.reload();
    await folder.addBroken("iris/1", "iris/2");
    const { failed, removed } = await folder.registry.reload();
    expect([failed.map(({ version }) => version), removed]).toEqual([[2], []]);
    expect(folder.states()).toEqual(["NOT_LOADED", "READY", 2]);
    expect(folder.registry.find()).toBe("iris/2");
  });

  it("of a new model leave other models and the default in place", async () => {
    await using folder = await createTestRegistry();
    await folder.add("iris/1");
    await folder.registry.reload();
    await folder.addBroken("aardvark/1", "aardvark/2");
    await folder.registry.reload();
    expect(folder.states("aardvark")).toEqual(["FAILED", "FAILED", null]);
    expect(folder.registry.find()).toBe("iris/1");
    expect(folder.registry.isReady()).toBe(true);
  });
});

describe("a serving version whose folder is deleted", () => {
  it("serves until another version can replace it", async () => {
    await using folder = await createTestRegistry();
    await folder.add("iris/2");
    await folder.registry.reload();
    await folder.addBroken("iris/1");
    await folder.remove("iris/2");
    const { failed, removed } = await folder.registry.reload();
    expect(removed).toEqual([]);
    expect(failed).toMatchObject([
      { version: 1 },
      {
        version: 2,
        reason: expect.stringContaining("Its folder is missing. It serves from memory"),
      },
    ]);
    expect(folder.states()).toEqual(["FAILED", "READY", 2]);
    expect(folder.registry.find()).toBe("iris/2");
    await folder.add("iris/1");
    expect(await folder.registry.reload()).toMatchObject({
      loaded: [{ version: 1 }],
      removed: [{ version: 2 }],
      failed: [],
    });
    expect(folder.registry.find()).toBe("iris/1");
  });

  it("serves while its model's folder is empty, and is loaded again when it is back", async () => {
    await using folder = await createTestRegistry();
    await folder.add("iris/1", "plane/1");
    await folder.registry.reload();
    await folder.remove("plane/1");
    await folder.registry.reload();
    expect(folder.registry.find("plane")).toBe("plane/1");
    await folder.add("plane/1");
    const { failed, loaded } = await folder.registry.reload();
    expect([failed, loaded]).toEqual([[], [{ name: "plane", version: 1 }]]);
  });

  it("is removed with its model, unless that is the default and no other is certain", async () => {
    await using folder = await createTestRegistry();
    await folder.add("iris/1");
    await folder.registry.reload();
    await folder.add("plane/1");
    await cp(join(folder.models, "iris"), join(folder.models, "other"), { recursive: true });
    const manifest = join(folder.models, "other", "1", "manifest.json");
    await writeFile(manifest, (await readFile(manifest, "utf8")).replace('"iris"', '"other"'));
    await folder.registry.reload();
    await folder.remove("iris");
    const kept = await folder.registry.reload();
    expect(kept).toMatchObject({ removed: [], failed: [{ name: "iris", version: 1 }] });
    expect(folder.registry.find()).toBe("iris/1");
    // Not the default: it can be deleted.
    await folder.remove("other");
    const { removed } = await folder.registry.reload();
    // Only plane is left, and answers instead of iris.
    expect(removed).toEqual([
      { name: "iris", version: 1 },
      { name: "other", version: 1 },
    ]);
    expect(folder.registry.find()).toBe("plane/1");
    expect(folder.registry.defaultNotice()).toContain(
      'The default model "iris" (default.json) does not exist. plane answers /predict.',
    );
  });

  it("serves in any case if --default-model names its model", async () => {
    await using folder = await createTestRegistry({ defaultModel: "iris" });
    await folder.add("iris/1", "plane/1");
    await folder.registry.reload();
    await folder.remove("iris");
    await folder.registry.reload();
    expect(folder.registry.find()).toBe("iris/1");
  });

  it("serves when the whole folder is empty, which is an error", async () => {
    await using folder = await createTestRegistry();
    await folder.add("iris/1", "plane/1");
    await folder.registry.reload();
    await rename(folder.models, `${folder.models}-away`);
    await mkdir(folder.models);
    await expect(folder.registry.reload()).rejects.toThrow("has no model any more");
    expect(folder.registry.find()).toBe("iris/1");
    expect(folder.registry.find("plane")).toBe("plane/1");
  });
});

describe("the default model", () => {
  it("is recorded by the first model that is written, and stays when others come first by name", async () => {
    await using folder = await createFolder();
    await trainPlane(folder.path);
    await trainIris(folder.path, { trees: 4 });
    expect(await readdir(folder.path)).toEqual(["default.json", "iris", "plane"]);
    expect(await readFile(join(folder.path, "default.json"), "utf8")).toBe('{"model":"plane"}\n');
  });

  it("is recorded as it was until now when a model is written to a folder without a record", async () => {
    await using folder = await createFolder();
    for (const name of ["iris", "plane"]) {
      await cp(join(healthy.path, name), join(folder.path, name), { recursive: true });
    }
    await trainIris(folder.path, { name: "aardvark", trees: 4 });
    expect(await readFile(join(folder.path, "default.json"), "utf8")).toBe('{"model":"iris"}\n');
  });

  it("is recorded by a server while there is one model, so that a copied one does not replace it", async () => {
    await using folder = await createTestRegistry();
    await folder.add("plane/1");
    await folder.registry.reload();
    await folder.add("iris/1");
    const restarted = createRegistry<string>(
      { ...DEFAULT_ENGINE, models: folder.models, defaultModel: null, loadVersions: 3 },
      { prepare: ({ manifest }) => manifest.name, dispose: () => {} },
    );
    await restarted.reload();
    expect(restarted.find()).toBe("plane");
    expect(restarted.defaultNotice()).toBeNull();
  });

  it("is ambiguous with several models and no record; a record decides at the next reload", async () => {
    await using folder = await createTestRegistry();
    await folder.add("iris/1", "plane/1");
    await folder.registry.reload();
    expect(folder.registry.defaultNotice()).toContain("ambiguous: iris, the first by name");
    expect(await readdir(folder.models)).toEqual(["iris", "plane"]);
    await writeFile(join(folder.models, "default.json"), '{"model": "plane"}');
    await folder.registry.reload();
    expect(folder.registry.find()).toBe("plane/1");
    expect(folder.registry.defaultNotice()).toBeNull();
  });

  it.each([
    ["{", "Invalid default.json: Expected valid JSON."],
    ['{"model": "../x"}', "/model"],
  ])("stays when the record is %s, which is reported", async (text, problem) => {
    await using folder = await createTestRegistry();
    await folder.add("iris/1", "plane/1");
    await writeFile(join(folder.models, "default.json"), '{"model": "plane"}');
    await folder.registry.reload();
    await writeFile(join(folder.models, "default.json"), text);
    const { unreadable } = await folder.registry.reload();
    expect(unreadable).toEqual([expect.stringContaining(problem)]);
    expect(folder.registry.find()).toBe("plane/1");
  });
});
