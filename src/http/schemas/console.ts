import { Type } from "typebox";
import { ROLES } from "../access/api-keys.ts";
import { MODEL_REFERENCE } from "./models.ts";

/** The state of the server, for the bar of the console. */
export const CONSOLE_SERVER = Type.Object({
  state: Type.Union([Type.Literal("ready"), Type.Literal("no model"), Type.Literal("stopping")]),
  /** The server's clock, in milliseconds since 1970: clocks of browsers differ. */
  now: Type.Number(),
  monitor: Type.Union([Type.Literal("ready"), Type.Literal("starting"), Type.Literal("absent")]),
  /** False if the server has no API keys. */
  key_required: Type.Boolean(),
  /** The role of the request's key; null without one. */
  role: Type.Union([Type.Enum(ROLES), Type.Null()]),
  /** The roles whose routes this request may use. */
  allows: Type.Array(Type.Enum(ROLES)),
  /** Tepal's version; null without a key that the server requires. */
  version: Type.Union([Type.String(), Type.Null()]),
  /** The model that serves /predict; null if there is none, or without a key that the server requires. */
  model: Type.Union([MODEL_REFERENCE, Type.Null()]),
});
