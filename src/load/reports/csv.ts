/** A text, or a number, or what is not known. */
export type Cell = string | number | null;

/**
 * CSV as RFC 4180 has it, with a line feed after each row. A text that a spreadsheet would take for a formula gets an apostrophe
 * before it: names and messages come from scripts and servers, and whoever opens the file must not execute them.
 */
export function formatCsv(header: readonly string[], rows: Iterable<readonly Cell[]>): string {
  let text = `${header.map(formatCell).join(",")}\n`;
  for (const row of rows) text += `${row.map(formatCell).join(",")}\n`;
  return text;
}

function formatCell(cell: Cell): string {
  if (cell === null) return "N/A";
  if (typeof cell === "number") return String(cell);
  const safe = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
