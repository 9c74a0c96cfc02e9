import { Type } from "typebox";
import { MODEL_REFERENCE } from "./models.ts";

export const HEALTH = Type.Object(
  { status: Type.String() },
  { title: "Health", description: "The state of the server" },
);

export const STATUS = Type.Object(
  {
    status: Type.String({ description: '"ok", or "no model"' }),
    message: Type.String(),
    model: Type.Union([MODEL_REFERENCE, Type.Null()]),
    links: Type.Record(Type.String(), Type.String()),
  },
  { title: "ServerStatus", description: "The state of the server, with links" },
);
