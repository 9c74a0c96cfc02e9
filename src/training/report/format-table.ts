import { escapeLine } from "../../kernel/printable.ts";

const LONGEST_NAME = 20;
/** Length of the kept end of a longer name, where numbered names differ. */
const NAME_END = 8;

/** Aligns columns of strings, two spaces apart: the first to the left, the others to the right. One line per row, also for a cell with a line end. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map(([name = "", ...rest]) => [toShortName(name), ...rest].map(escapeLine));
  const widths = toWidths(cells);
  return cells.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

/** At most 20 characters: a longer name loses its middle. */
export function toShortName(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  return `${name.slice(0, LONGEST_NAME - NAME_END - 1)}…${name.slice(-NAME_END)}`;
}

function toWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return widths;
}
