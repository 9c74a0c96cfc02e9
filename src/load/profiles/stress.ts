import { toPart, type ShapeParameters, type Stage } from "./stage.ts";

/** Whether it bears far more than ordinarily for long: a tenth of the users, then all for three stages, then a tenth again. */
export function toStress(parameters: ShapeParameters): readonly Stage[] {
  const { users, spawnRate, stageSeconds } = parameters;
  const few = toPart(parameters, 0.1);
  return [
    { name: "warm-up", users: few, spawnRate, seconds: stageSeconds },
    { name: "stress", users, spawnRate, seconds: 3 * stageSeconds },
    { name: "cool-down", users: few, spawnRate, seconds: stageSeconds },
  ];
}
