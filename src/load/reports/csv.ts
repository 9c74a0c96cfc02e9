import { formatCsvCell } from "../../kernel/csv-cell.ts";

/** A value of a table; null if it is unknown. */
export type Cell = string | number | null;

/**
 * Formats CSV by RFC 4180, with a line feed after each row. Strings are safe for spreadsheets: names and messages come from scripts and
 * servers.
 */
export function formatCsv(header: readonly string[], rows: Iterable<readonly Cell[]>): string {
  let csv = `${header.map(formatCell).join(",")}\n`;
  for (const row of rows) csv += `${row.map(formatCell).join(",")}\n`;
  return csv;
}

function formatCell(cell: Cell): string {
  if (cell === null) return "N/A";
  if (typeof cell === "number") return String(cell);
  return formatCsvCell(cell);
}
