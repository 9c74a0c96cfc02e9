import { toPart, type ShapeParameters, type Stage } from "./stage.ts";

const STEPS = [0.2, 0.4, 0.6, 0.8, 1];

/** From which number of users on it becomes slow: a fifth of them more each stage. */
export function toGradual(parameters: ShapeParameters): readonly Stage[] {
  return STEPS.map((share) => ({
    name: `${Math.round(share * 100)} %`,
    users: toPart(parameters, share),
    spawnRate: parameters.spawnRate,
    seconds: parameters.stageSeconds,
  }));
}
