import { Type, type Static } from "typebox";
import { orNull, type Frozen } from "./field.ts";

/** The contents of a script. */
export const ScriptDescriptionSchema = Type.Object({
  /** As given by the user. */
  path: Type.String(),
  user_classes: Type.Array(
    Type.Object({
      name: Type.String(),
      weight: Type.Number(),
      /** null if the script sets none. */
      host: orNull(Type.String()),
      tasks: Type.Array(
        Type.Object({
          name: Type.String(),
          weight: Type.Number(),
          tags: Type.Array(Type.String()),
        }),
      ),
    }),
  ),
  /** True if the script has a shape of its own. */
  has_shape: Type.Boolean(),
  thresholds: Type.Array(Type.String()),
});

export type ScriptDescription = Frozen<Static<typeof ScriptDescriptionSchema>>;
