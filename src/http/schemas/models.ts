import { Type } from "typebox";
import { ManifestSchema } from "../../model/manifest.ts";

export const MODEL_PARAMS = Type.Object({
  name: Type.String({ description: "The model's name" }),
});

export const VERSION_PARAMS = Type.Object({
  name: Type.String({ description: "The model's name" }),
  version: Type.String({ description: "A version number" }),
});

export const MODEL_LIST = Type.Object({
  models: Type.Array(
    Type.Object({
      name: Type.String(),
      is_default: Type.Boolean({ description: "Whether it answers /predict" }),
      serving: Type.Union([Type.Integer(), Type.Null()], {
        description: "The version that answers; null when none can",
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
            description: "Why it, or its files as they now are, were refused",
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
    loaded: Type.Array(Type.Object(VersionReference)),
    failed: Type.Array(Type.Object({ ...VersionReference, reason: Type.String() })),
    removed: Type.Array(Type.Object(VersionReference)),
  },
  { description: "What the reload changed" },
);
