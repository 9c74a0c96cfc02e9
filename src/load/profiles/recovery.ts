import { toPart, type ShapeParameters, type Stage } from "./stage.ts";

/** How soon it is well again: a fifth of the users, then all of them, then a fifth again for two stages. */
export function toRecovery(parameters: ShapeParameters): readonly Stage[] {
  const { users, spawnRate, stageSeconds } = parameters;
  const ordinary = toPart(parameters, 0.2);
  return [
    { name: "baseline", users: ordinary, spawnRate, seconds: stageSeconds },
    { name: "overload", users, spawnRate, seconds: stageSeconds },
    { name: "recovery", users: ordinary, spawnRate, seconds: 2 * stageSeconds },
  ];
}

/** What a p95 may be more than the baseline's when all is well again. */
const TOLERANCE = 1.2;
/** How many seconds in a row it must be so. */
const LASTING = 3;

/**
 * Seconds from the end of the overload until p95 is, and stays for three seconds, within 1.2 times the baseline's; null when it
 * never is.
 *
 * @param points in order of time; of the seconds before the overload's end, none counts
 */
export function measureRecovery(
  baselineP95Ms: number,
  overloadEndSeconds: number,
  points: readonly { readonly elapsed_seconds: number; readonly p95_ms: number | null }[],
): number | null {
  const after = points.filter((point) => point.elapsed_seconds > overloadEndSeconds);
  const isWell = ({ p95_ms: p95 }: (typeof points)[number]): boolean =>
    p95 !== null && p95 <= TOLERANCE * baselineP95Ms;
  for (let i = 0; i + LASTING <= after.length; i++) {
    if (after.slice(i, i + LASTING).every(isWell)) {
      return Math.max(0, (after[i]?.elapsed_seconds ?? 0) - overloadEndSeconds);
    }
  }
  return null;
}
