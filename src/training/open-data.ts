import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { parseCsv, type Table } from "../tabular/csv.ts";
import { TRAIN_OPTIONS } from "./options.ts";
import { toInvalidData } from "./table-problems.ts";
import type { CsvText, DataColumns, DataRow, DataSource, DataValue } from "./training.ts";

/** A data source as a table of strings. */
export interface OpenedData {
  readonly table: Table;
  /** Name of the data in messages. */
  readonly name: string;
  /** For the manifest. */
  readonly provenance: { readonly data: string | null; readonly data_sha256: string };
}

/**
 * Reads a data source.
 * @throws TepalError INVALID_DATA if a file cannot be read, or if its content is not a table
 */
export async function openData(
  source: DataSource,
  delimiter: string = TRAIN_OPTIONS.delimiter.default,
): Promise<OpenedData> {
  if (isRows(source)) return openRows(source);
  if (isColumns(source)) return openColumns(source);
  const { name, text } =
    typeof source === "string"
      ? { name: basename(source), text: (await readBytes(source)).toString("utf8") }
      : source;
  const table = parseCsv(text, name, delimiter);
  return { table, name, provenance: { data: name, data_sha256: toSha256(text) } };
}

/** @throws TepalError INVALID_DATA */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new TepalError("INVALID_DATA", `${path} cannot be read: ${toMessage(cause)}`, { cause });
  }
}

/** Returns the name of a model from a file: wine-data (2024).csv → wine-data-2024. */
export function toModelName(path: string): string {
  const name = basename(path, extname(path))
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replaceAll(/^[^A-Za-z0-9]+|-+$/g, "")
    .slice(0, 64);
  return name === "" ? "model" : name;
}

function isRows(source: DataSource): source is readonly DataRow[] {
  return Array.isArray(source);
}

function isColumns(source: string | CsvText | DataColumns): source is DataColumns {
  return typeof source !== "string" && typeof source["text"] !== "string";
}

/** Name in messages of data that is not a file. */
const NAME = "the table";

function openRows(rows: readonly DataRow[]): OpenedData {
  const columns = new Set<string>();
  for (const row of rows) for (const column of Object.keys(row)) columns.add(column);
  const header = [...columns];
  return toOpened(header, rows.length, (row) => header.map((column) => toCell(rows[row]![column])));
}

function openColumns(columns: DataColumns): OpenedData {
  const header = Object.keys(columns);
  const lists = Object.values(columns);
  const count = lists[0]?.length ?? 0;
  const problems = lists.flatMap(({ length }, i) =>
    length === count
      ? []
      : [{ at: `column "${header[i]}"`, message: `Expected ${count} values, got ${length}.` }],
  );
  if (problems.length > 0) throw toInvalidData(NAME, problems);
  return toOpened(header, count, (row) => lists.map((list) => toCell(list[row])));
}

function toOpened(
  header: readonly string[],
  count: number,
  readRow: (row: number) => readonly string[],
): OpenedData {
  if (count === 0)
    throw toInvalidData(NAME, [{ at: "rows", message: "Expected at least one row, got none." }]);
  // Row by row: a string of all rows may be longer than JavaScript allows.
  const digest = createHash("sha256").update(`${JSON.stringify(header)}\n`);
  const records = Array.from({ length: count }, (_, row) => {
    const record = readRow(row);
    digest.update(`${JSON.stringify(record)}\n`);
    return record;
  });
  return {
    table: { header, records, lines: null },
    name: NAME,
    provenance: { data: null, data_sha256: digest.digest("hex") },
  };
}

/** The shortest string that gives the same number again. */
function toCell(value: DataValue): string {
  return value === null || value === undefined ? "" : String(value);
}

function toSha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
