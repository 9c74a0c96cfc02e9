import type { Manifest } from "../../src/model/manifest.ts";
import type { Executor } from "../../src/model/model.ts";
import type { Feature } from "../../src/tabular/tabular.ts";

/** Creates a manifest for an executor, of a model that is not on disk. */
export function toManifest(executor: Executor, features: readonly Feature[]): Manifest {
  return {
    format: 2,
    name: "fuzz",
    version: 1,
    task: executor.task,
    features: [...features],
    classes: executor.classes.map(String),
    targets:
      executor.task === "classification"
        ? ["target"]
        : Array.from({ length: executor.outputs }, (_, i) => `target ${i}`),
    training: null,
    provenance: { tool: "fuzz", created: "", data: null, data_sha256: null, options: {} },
    files: {},
    guard: null,
  };
}
