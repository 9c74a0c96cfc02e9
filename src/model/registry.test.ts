import { expect, it } from "vitest";
import { TepalError } from "../kernel/errors.ts";
import { DEFAULT_ENGINE } from "./engine/options.ts";
import type { LoadedModel } from "./model.ts";
import type { RegistryHooks } from "./register.ts";
import { createRegistry } from "./registry.ts";

const executor = {
  task: "regression",
  features: 1,
  outputs: 1,
  classes: [],
  run: () => {},
} as const;

function createModel(name: string, version: number): LoadedModel {
  const manifest: LoadedModel["manifest"] = {
    format: 2,
    name,
    version,
    task: "regression",
    features: [
      {
        name: "x",
        type: "number",
        precision: "float32",
        unit: null,
        min: 0,
        max: 1,
        nullable: false,
      },
    ],
    classes: [],
    targets: ["y"],
    training: null,
    provenance: { tool: "test", created: "", data: null, data_sha256: null, options: {} },
    files: {},
    guard: null,
  };
  return { directory: null, manifest, executor, guard: null, example: [0] };
}

const hooks: RegistryHooks<string> = {
  prepare: ({ manifest }) => `${manifest.name}/${manifest.version}`,
  dispose: (value) => {
    throw new Error(`${value} must not be disposed of`);
  },
};

function createMemoryRegistry(models: readonly LoadedModel[], own = hooks) {
  const options = {
    ...DEFAULT_ENGINE,
    models: "no-such-folder",
    defaultModel: null,
    loadVersions: 1,
  };
  return createRegistry(options, own, { inMemory: models });
}

it("serves models in memory: the highest version of each, by default the first model of the list", async () => {
  const registry = createMemoryRegistry([
    createModel("b", 1),
    createModel("a", 10),
    createModel("a", 9),
  ]);
  expect(await registry.reload()).toEqual({
    loaded: [
      { name: "a", version: 9 },
      { name: "a", version: 10 },
      { name: "b", version: 1 },
    ],
    failed: [],
    removed: [],
    unreadable: [],
  });
  expect(registry.find()).toBe("b/1");
  expect(registry.defaultNotice()).toBeNull();
  expect(registry.find("a")).toBe("a/10");
  expect(registry.find("a", 9)).toBe("a/9");
  expect(registry.find("b")).toBe("b/1");
  expect(registry.list().map(({ name }) => name)).toEqual(["a", "b"]);
});

it("keeps models in memory when it reloads", async () => {
  const registry = createMemoryRegistry([createModel("a", 1)]);
  await registry.reload();
  expect(await registry.reload()).toMatchObject({ loaded: [], failed: [], removed: [] });
  expect(registry.find()).toBe("a/1");
});

it("fails for a model in memory that its owner cannot use", async () => {
  const registry = createMemoryRegistry([createModel("a", 1)], {
    ...hooks,
    prepare() {
      throw new TepalError("MODEL_DAMAGED", "Invalid reference.bin.");
    },
  });
  await expect(registry.reload()).rejects.toThrow("Invalid reference.bin.");
  expect(registry.isReady()).toBe(false);
});

it("rejects two models in memory with the same name and version", async () => {
  const registry = createMemoryRegistry([createModel("a", 1), createModel("a", 1)]);
  await expect(registry.reload()).rejects.toThrow(
    "Invalid option models: Expected different models, got version 1 of a twice.",
  );
});
