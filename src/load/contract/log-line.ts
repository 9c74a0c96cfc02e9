import { Type, type Static } from "typebox";
import { orNull, type Frozen } from "./field.ts";

/** A line that a script, a generator or the load test wrote. */
export const LogLineSchema = Type.Object({
  /** Milliseconds since 1970, UTC. */
  time_ms: Type.Number(),
  level: Type.Union([Type.Literal("info"), Type.Literal("warn"), Type.Literal("error")]),
  /** Number of the generator, from 0; null for the load test itself. */
  generator: orNull(Type.Integer()),
  message: Type.String(),
});

export type LogLine = Frozen<Static<typeof LogLineSchema>>;
