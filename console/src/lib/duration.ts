const DURATION = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?$/;

/** Parses `90`, `90s`, `5m` or `1h30m` to seconds, as on the command line; null for any other string. */
export function parseDuration(text: string): number | null {
  const compact = text.replaceAll(/\s+/g, "").replaceAll(/min/gi, "m").toLowerCase();
  const match = compact === "" ? null : DURATION.exec(compact);
  if (match === null) return null;
  const [, hours, minutes, seconds] = match;
  return Number(hours ?? 0) * 3_600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
}

/** Formats seconds as the shortest string that `parseDuration` accepts. */
export function toDurationText(seconds: number): string {
  if (seconds === 0 || !Number.isInteger(seconds)) return `${seconds}s`;
  const parts = [
    [Math.floor(seconds / 3_600), "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  return parts
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value}${unit}`)
    .join("");
}
