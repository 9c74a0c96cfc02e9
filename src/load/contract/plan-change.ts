import { Type, type Static } from "typebox";
import { RATE, SPAWN_RATE, USERS } from "../profiles/fields.ts";
import type { Frozen } from "./field.ts";

/** A change of the load of the current run. Each profile accepts some of the fields. */
export const PlanChangeSchema = Type.Object(
  {
    users: Type.Optional(Type.Integer({ minimum: 0, maximum: USERS.maximum })),
    spawn_rate: Type.Optional(
      Type.Number({ minimum: SPAWN_RATE.minimum, maximum: SPAWN_RATE.maximum }),
    ),
    rate: Type.Optional(Type.Number({ minimum: RATE.minimum, maximum: RATE.maximum })),
  },
  { additionalProperties: false },
);

export type PlanChange = Frozen<Static<typeof PlanChangeSchema>>;
