import { toInputError } from "../../kernel/check.ts";
import { splitRecord } from "../../tabular/csv-row.ts";

/** Parses "all", or names with commas between; a name with a comma is in quotes, as in CSV. @throws TepalError INVALID_OPTION */
export function parseNullable(given: string): "all" | readonly string[] {
  if (given === "all") return given;
  const { cells, problem } = splitRecord(given, ",");
  if (problem === undefined) return cells;
  throw toInputError("INVALID_OPTION", "option", [{ at: "nullable", message: problem }]);
}
