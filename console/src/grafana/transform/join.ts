import type { CellValue } from "../display.ts";
import type { Field, Frame } from "../frames.ts";
import { asText } from "../json.ts";
import {
  compareCells,
  findField,
  numberDuplicates,
  pickValues,
  withName,
  type Transform,
} from "./parts.ts";

type Mode = "outer" | "inner" | "outerTabular";

interface Part {
  readonly frame: Frame;
  readonly key: Field;
  /** Rows by the value of the key. */
  readonly rows: ReadonlyMap<CellValue, readonly number[]>;
}

/** Joins frames by the values of a field; without one, by time. */
export const joinByField: Transform = (frames, options) => {
  const mode = asText(options["mode"]);
  return join(
    frames,
    asText(options["byField"]),
    mode === "inner" || mode === "outerTabular" ? mode : "outer",
  );
};

/** Joins frames by time; a frame without it is left out. */
export function joinByTime(frames: readonly Frame[]): readonly Frame[] {
  return join(frames, "", "outer");
}

function join(frames: readonly Frame[], byField: string, mode: Mode): readonly Frame[] {
  const parts = frames.flatMap((frame): Part[] => {
    const key =
      byField === "" ? frame.fields.find(({ type }) => type === "time") : findField(frame, byField);
    if (key === undefined) return [];
    const rows = Map.groupBy(key.values.keys(), (row) => key.values[row] ?? null);
    return [{ frame, key, rows }];
  });
  const [first] = parts;
  if (first === undefined) return frames;
  const keys = [...new Set(parts.flatMap(({ rows }) => [...rows.keys()]))];
  // Strings stay in the order of the replies.
  const ordered = first.key.type === "string" ? keys : keys.toSorted(compareCells);
  const joined = ordered.flatMap((key) =>
    combine(parts.map(({ rows }) => listRows(rows.get(key), mode))).map((rows) => ({ key, rows })),
  );
  const fields = parts.flatMap(({ frame, key }, index) =>
    frame.fields
      .filter((field) => field !== key)
      .map((field) =>
        pickValues(
          withName(frame, field),
          joined.map(({ rows }) => rows[index]),
        ),
      ),
  );
  const keyField = { ...first.key, values: joined.map(({ key }) => key) };
  return [{ refId: first.frame.refId, name: "", fields: numberDuplicates([keyField, ...fields]) }];
}

/** Returns the rows of a frame that a key selects. An outer join has one for each key, the last. */
function listRows(
  rows: readonly number[] | undefined,
  mode: Mode,
): readonly (number | undefined)[] {
  if (mode === "outer") return [rows?.at(-1)];
  return rows ?? (mode === "inner" ? [] : [undefined]);
}

/** Returns all combinations of one item of each list. */
function combine<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return lists.reduce<readonly (readonly T[])[]>(
    (all, list) => all.flatMap((before) => list.map((item) => [...before, item])),
    [[]],
  );
}

/**
 * Joins series by their labels: a row for each combination of the labels `join` (all others by default), a column for each value of
 * the label `value`.
 */
export const joinByLabels: Transform = (frames, options) => {
  const valueLabel = asText(options["value"]);
  const wanted = Array.isArray(options["join"]) ? options["join"].map((each) => asText(each)) : [];
  const series = frames.flatMap((frame) => frame.fields.filter(({ type }) => type === "number"));
  if (valueLabel === "" || series.length === 0) return frames;
  const labels =
    wanted.length > 0
      ? wanted
      : [...new Set(series.flatMap((field) => Object.keys(field.labels)))].filter(
          (label) => label !== valueLabel && label !== "__name__",
        );
  const rows = [
    ...Map.groupBy(series, (field) =>
      JSON.stringify(labels.map((label) => field.labels[label] ?? "")),
    ).values(),
  ];
  const columns = [...new Set(series.map((field) => field.labels[valueLabel] ?? ""))];
  const fields = [
    ...labels.map((label): Field => ({
      name: label,
      type: "string",
      labels: {},
      values: rows.map(([field]) => field?.labels[label] ?? ""),
    })),
    ...columns.map((column): Field => ({
      name: column,
      type: "number",
      labels: {},
      values: rows.map(
        (row) => row.find((field) => field.labels[valueLabel] === column)?.values.at(-1) ?? null,
      ),
    })),
  ];
  return [{ refId: frames[0]!.refId, name: "", fields }];
};
