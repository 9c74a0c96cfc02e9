/** Compares shown text with that of a run. `…` stands for any characters; on a line of its own, for any lines. */

const NUMBER = /-?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?/g;

/** Returns the first difference; undefined if the output is as shown. */
export function compareText(shown: string, actual: string, tolerance: number): string | undefined {
  const [expected, lines] = [toLines(shown), toLines(actual)];
  // matched[i]: the lines of the output before which the first i shown lines can end.
  let ends = new Set([0]);
  for (const line of expected) {
    const next = new Set<number>();
    for (const end of ends) {
      if (line.trim() === "…") {
        for (let index = end; index <= lines.length; index += 1) next.add(index);
      } else if (end < lines.length && isSameLine(line, lines[end] ?? "", tolerance)) {
        next.add(end + 1);
      }
    }
    if (next.size === 0) {
      const found = lines[Math.min(...ends)];
      return `${JSON.stringify(line)} is shown, the output has ${found === undefined ? "no more lines" : JSON.stringify(found)}`;
    }
    ends = next;
  }
  if (ends.has(lines.length)) return undefined;
  return `the output has more lines than are shown: ${JSON.stringify(lines[Math.max(...ends)])}`;
}

function toLines(text: string): readonly string[] {
  const lines = text.replaceAll(/[ \t\r]+$/gm, "").split("\n");
  while (lines.at(-1) === "") lines.pop();
  while (lines[0] === "") lines.shift();
  return lines;
}

function isSameLine(shown: string, actual: string, tolerance: number): boolean {
  if (matchesPattern(shown, actual)) return true;
  if (tolerance === 0) return false;
  const [expected, found] = [shown.match(NUMBER) ?? [], actual.match(NUMBER) ?? []];
  const withoutNumbers = (line: string): string =>
    line.replaceAll(NUMBER, "0").replaceAll(/\s+/g, " ");
  return (
    matchesPattern(withoutNumbers(shown), withoutNumbers(actual)) &&
    expected.length === found.length &&
    expected.every((text, index) => isNear(toNumber(text), toNumber(found[index] ?? ""), tolerance))
  );
}

function toNumber(text: string): number {
  return Number(text.replaceAll(",", ""));
}

/** True if a string is as shown; `…` in it stands for any characters. */
export function matchesPattern(shown: string, actual: string): boolean {
  if (!shown.includes("…")) return shown === actual;
  return new RegExp(`^${shown.split("…").map(RegExp.escape).join("[\\s\\S]*")}$`).test(actual);
}

/** True if two numbers differ by at most a share of the shown one. */
export function isNear(shown: number, actual: number, tolerance: number): boolean {
  return Math.abs(shown - actual) <= tolerance * Math.abs(shown);
}

/** Parses `20%` or `0.2`; 0 without a tolerance. */
export function parseTolerance(text: string | undefined): number {
  if (text === undefined) return 0;
  const value = Number(text.replace("%", ""));
  if (Number.isNaN(value)) throw new Error(`Expected a tolerance, for example 20%, got ${text}.`);
  return text.endsWith("%") ? value / 100 : value;
}

/** Formats a number with as many digits as another one shows. */
export function formatLike(shown: string, value: number): string {
  const digits = /\.(\d+)/.exec(shown)?.[1]?.length ?? 0;
  const text = value.toFixed(digits);
  return shown.includes(",") ? text.replaceAll(/\B(?=(?:\d{3})+(?!\d))/g, ",") : text;
}
