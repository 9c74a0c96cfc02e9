import { formatMs, formatNumber, formatShare } from "../../lib/format.ts";

/** Formats a value in the unit of its threshold expression. */
export function formatActual(expression: string, actual: number | null): string {
  if (actual === null) return "nothing measured";
  const measure = /(p\([\d. ]+\)|mean|min|max|failures|rps)\s*[<>]/.exec(expression)?.[1];
  if (measure === "failures") return formatShare(actual);
  if (measure === "rps") return `${formatNumber(actual)} per second`;
  return measure === undefined ? formatNumber(actual) : formatMs(actual);
}
