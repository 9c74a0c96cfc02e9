import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { findFileFormat } from "../kernel/file-format.ts";
import {
  decodeText,
  findOtherEncoding,
  hasUtf16Mark,
  toEncodingAdvice,
  UTF16_NOTICE,
  type TextEncoding,
} from "../kernel/text-encoding.ts";
import { SAMPLE_BYTES, describeDialect, detectDialect } from "../tabular/csv-dialect.ts";
import {
  isMissingCell,
  listOwnWords,
  parseCell,
  parseCsv,
  toMissingWords,
  type Table,
} from "../tabular/csv.ts";
import { toInvalidData } from "./table-problems.ts";
import type { CsvText, DataColumns, DataRow, DataSource, DataValue, FileForm } from "./training.ts";

/** A data source as a table of strings. */
export interface OpenedData {
  readonly table: Table;
  /** Name of the data in messages. */
  readonly name: string;
  /** For the manifest. */
  readonly provenance: { readonly data: string | null; readonly data_sha256: string };
}

interface OpenOptions {
  /** A column that the data should have. */
  readonly target?: string | undefined;
  /** Receives what was detected about a file or text, if it is not the usual form. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

/**
 * Reads a data source.
 * @throws TepalError INVALID_DATA if a file cannot be read, or if its content is not a table
 */
export async function openData(
  source: DataSource,
  form: FileForm = {},
  options: OpenOptions = {},
): Promise<OpenedData> {
  const opened = await openSource(source, form, options);
  return form.missing === undefined
    ? opened
    : { ...opened, table: withMissing(opened.table, form.missing) };
}

/** Empties the cells that stand for a missing value. Other words, also the usual ones, are values then. */
function withMissing(table: Table, list: string): Table {
  const missing = toMissingWords(list);
  const records = table.records.map((record) =>
    record.map((cell) => (isMissingCell(cell, missing) ? "" : cell)),
  );
  return { ...table, records, missing };
}

/** Returns the words for a missing value for the manifest, if they are not the default ones. */
export function toMissingValues({ missing }: FileForm): { readonly missing_values?: string[] } {
  const words = missing === undefined ? undefined : listOwnWords(toMissingWords(missing));
  return words === undefined ? {} : { missing_values: words };
}

async function openSource(
  source: DataSource,
  form: FileForm,
  options: OpenOptions,
): Promise<OpenedData> {
  if (isRows(source)) return openRows(source);
  if (isColumns(source)) return openColumns(source);
  if (typeof source !== "string") {
    return openText(source, toSha256(source.text), form, options);
  }
  const name = basename(source);
  const bytes = await readBytes(source);
  const text = decodeFile(bytes, name, form.encoding, options.onNotice);
  return openText({ name, text }, toSha256(bytes), form, options);
}

function openText(
  { name, text }: CsvText,
  digest: string,
  form: FileForm,
  { target, onNotice }: OpenOptions,
): OpenedData {
  // A character has one byte or more.
  const sample = Buffer.from(text.slice(0, SAMPLE_BYTES));
  const dialect = detectDialect(sample, form);
  const notice = describeDialect(dialect, form);
  if (notice !== undefined) onNotice?.(`${name}: ${notice}`);
  const table = { ...parseCsv(text, name, dialect.delimiter), decimal: dialect.decimal };
  checkNamed(table, name, target);
  return { table, name, provenance: { data: name, data_sha256: digest } };
}

/** Names of columns without others: pandas counts them, and spectra have wavelengths. */
const NUMBERED = /^\d+$/;

/**
 * Detects rows without a header by a first line of numbers, of which one has decimals or a sign, or none is the target.
 * @throws TepalError INVALID_DATA
 */
function checkNamed({ header, decimal }: Table, name: string, target: string | undefined): void {
  if (!header.every((cell) => parseCell(cell, decimal) !== undefined)) return;
  const hasTarget = target === undefined || header.includes(target);
  if (hasTarget && header.every((cell) => NUMBERED.test(cell))) return;
  const shown = header.slice(0, 5).join(", ");
  const message = `Expected the names of the columns, got numbers: ${shown}. Add a first line with a name for each column.`;
  throw toInvalidData(name, [{ at: "header", message }]);
}

/** @throws TepalError INVALID_DATA for another encoding than the given one, and for files that are not text */
function decodeFile(
  bytes: Buffer,
  name: string,
  given: TextEncoding | undefined,
  onNotice: OpenOptions["onNotice"],
): string {
  const format = findFileFormat(bytes);
  if (format !== undefined && format.id !== "empty") {
    const advice = /compressed/.test(format.noun)
      ? "Decompress the file first."
      : "Save the table as CSV.";
    throw new TepalError("INVALID_DATA", `${name}: Expected CSV, got ${format.noun}. ${advice}`);
  }
  if (given === undefined && hasUtf16Mark(bytes)) onNotice?.(`${name}: ${UTF16_NOTICE}`);
  const encoding = given ?? (hasUtf16Mark(bytes) ? "utf-16" : "utf-8");
  const other = encoding === "utf-8" ? findOtherEncoding(bytes) : undefined;
  if (other === undefined) return decodeText(bytes, encoding);
  throw new TepalError(
    "INVALID_DATA",
    `${name}: ${other.message} ${toEncodingAdvice(other.encoding)}`,
  );
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
  return toOpened(header, rows.length, (index) => {
    const row = rows[index]!;
    // A row that lacks a column called "constructor" inherits a function.
    return header.map((column) => (Object.hasOwn(row, column) ? toCell(row[column]) : ""));
  });
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

function toSha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
