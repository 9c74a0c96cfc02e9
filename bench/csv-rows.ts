import { isMissingCell, type Table } from "../src/tabular/csv.ts";
import type { Feature, Rows } from "../src/tabular/tabular.ts";

/** Converts the records of a table to rows of a model's features. */
export function toRows({ header, records }: Table, features: readonly Feature[]): Rows {
  const values = Float64Array.from(
    records.flatMap((record) =>
      features.map(({ name, categories }) => {
        const cell = record[header.indexOf(name)] ?? "";
        if (isMissingCell(cell)) return Number.NaN;
        if (categories === undefined) return Number(cell);
        const code = categories.findIndex(({ value }) => String(value) === cell);
        return code < 0 ? categories.length : code;
      }),
    ),
  );
  return { values, count: records.length, width: features.length };
}
