import { Type } from "typebox";
import { ManifestSchema } from "../../model/manifest.ts";
import { RELOAD_PARTS } from "../reload-report.ts";

export const MODEL_PARAMS = Type.Object({
  name: Type.String({ description: "The model's name" }),
});

export const VERSION_PARAMS = Type.Object({
  name: Type.String({ description: "The model's name" }),
  version: Type.String({ description: "The version, an integer ≥ 1" }),
});

export const MODEL_LIST = Type.Object({
  models: Type.Array(
    Type.Object({
      name: Type.String(),
      is_default: Type.Boolean({ description: "True if it serves /predict" }),
      serving: Type.Union([Type.Integer(), Type.Null()], {
        description: "The version that serves; null if none is READY",
      }),
      versions: Type.Array(
        Type.Object({
          version: Type.Integer(),
          state: Type.Union([
            Type.Literal("READY"),
            Type.Literal("FAILED"),
            Type.Literal("NOT_LOADED"),
          ]),
          reason: Type.Union([Type.String(), Type.Null()], {
            description: "Why this version, or its current files, were rejected",
          }),
          loaded_at: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
        }),
      ),
    }),
  ),
});

export const MANIFEST = ManifestSchema;

const VersionReference = { name: Type.String(), version: Type.Integer() };

export const RELOAD_REPORT = Type.Object(
  {
    loaded: Type.Array(Type.Object(VersionReference), {
      description: "New and changed versions, which are READY now",
    }),
    failed: Type.Array(Type.Object({ ...VersionReference, reason: Type.String() }), {
      description: "Versions whose files were rejected; what served before continues to serve",
    }),
    removed: Type.Array(Type.Object(VersionReference), {
      description: "Versions that are no longer loaded",
    }),
    problems: Type.Array(Type.Object({ part: Type.Enum(RELOAD_PARTS), message: Type.String() }), {
      description: "What else could not be read and stays as it was; empty if everything was read",
    }),
  },
  { description: "The changes of the reload, and what could not be read" },
);
