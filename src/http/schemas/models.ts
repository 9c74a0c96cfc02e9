import { Type } from "typebox";
import { ManifestSchema, MODEL_NAME } from "../../model/manifest.ts";
import { ENGINES } from "../../model/model.ts";
import { RELOAD_PARTS } from "../reload-report.ts";

const NAME = Type.String({ description: "The model's name", pattern: MODEL_NAME.source });

export const MODEL_PARAMS = Type.Object({ name: NAME });

export const VERSION_PARAMS = Type.Object({
  name: NAME,
  version: Type.Integer({ description: "The version", minimum: 1, maximum: 999_999_999 }),
});

/** A version of a model. */
export const MODEL_REFERENCE = Type.Object(
  { name: Type.String(), version: Type.Integer() },
  { title: "ModelReference" },
);

const VERSION_STATUS = Type.Object(
  {
    version: Type.Integer(),
    state: Type.Union([Type.Literal("READY"), Type.Literal("FAILED"), Type.Literal("NOT_LOADED")]),
    engine: Type.Union([Type.Enum([...ENGINES]), Type.Null()], {
      description:
        "What computes it: Tepal's own executor, or onnxruntime in a process of its own; null unless READY",
    }),
    reason: Type.Union([Type.String(), Type.Null()], {
      description: "Why this version, or its current files, were rejected",
    }),
    loaded_at: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
  },
  { title: "VersionStatus" },
);

const MODEL_STATUS = Type.Object(
  {
    name: Type.String(),
    is_default: Type.Boolean({ description: "True if it serves /predict" }),
    serving: Type.Union([Type.Integer(), Type.Null()], {
      description: "The version that serves; null if none is READY",
    }),
    versions: Type.Array(VERSION_STATUS),
  },
  { title: "ModelStatus" },
);

export const MODEL_LIST = Type.Object(
  { models: Type.Array(MODEL_STATUS) },
  { title: "ModelList", description: "All models" },
);

export const MANIFEST = ManifestSchema;

export const RELOAD_REPORT = Type.Object(
  {
    loaded: Type.Array(MODEL_REFERENCE, {
      description: "New and changed versions, which are READY now",
    }),
    failed: Type.Array(
      Type.Object(
        { name: Type.String(), version: Type.Integer(), reason: Type.String() },
        { title: "FailedVersion" },
      ),
      {
        description: "Versions whose files were rejected; what served before continues to serve",
      },
    ),
    removed: Type.Array(MODEL_REFERENCE, { description: "Versions that are no longer loaded" }),
    problems: Type.Array(
      Type.Object(
        { part: Type.Enum(RELOAD_PARTS), message: Type.String() },
        { title: "ReloadProblem" },
      ),
      {
        description:
          "What else could not be read and stays as it was; empty if everything was read",
      },
    ),
  },
  { title: "ReloadReport", description: "The changes of the reload, and what could not be read" },
);
