import type { ShapeParameters, Stage } from "./stage.ts";

/** How the server does with an ordinary number of users: all of them, for one stage. */
export function toBaseline({ users, spawnRate, stageSeconds }: ShapeParameters): readonly Stage[] {
  return [{ name: "baseline", users, spawnRate, seconds: stageSeconds }];
}
