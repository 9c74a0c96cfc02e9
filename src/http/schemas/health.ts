import { Type } from "typebox";

export const HEALTH = Type.Object({ status: Type.String() });

export const STATUS = Type.Object({
  status: Type.String({ description: '"ok", or "no model"' }),
  message: Type.String(),
  model: Type.Union([Type.Object({ name: Type.String(), version: Type.Integer() }), Type.Null()]),
  links: Type.Record(Type.String(), Type.String()),
});
