import { asFlag, asObject, asText, asTexts } from "../json.ts";
import type { Field } from "../frames.ts";
import {
  createField,
  findField,
  groupRows,
  nameField,
  pickValues,
  reduceCells,
  toReducedType,
  type Transform,
} from "./parts.ts";

/** Groups rows by some fields and reduces others to a value for each group. */
export const groupBy: Transform = (frames, options) => {
  const settings = asObject(options["fields"]);
  const settingOf = (name: string) => asObject(settings[name]);
  const hasKeys = Object.keys(settings).some((name) => settingOf(name)["operation"] === "groupby");
  if (!hasKeys) return frames;
  return frames.flatMap((frame) => {
    const operation = (field: Field) => settingOf(nameField(frame, field))["operation"];
    const keys = frame.fields.filter((field) => operation(field) === "groupby");
    if (keys.length === 0) return [];
    const groups = groupRows(frame, keys);
    const reduced = frame.fields
      .filter((field) => operation(field) === "aggregate")
      .flatMap((field) => {
        const name = nameField(frame, field);
        return asTexts(settingOf(name)["aggregations"]).map((reducer) =>
          createField(
            `${name} (${reducer})`,
            toReducedType(reducer, field),
            groups.map((rows) => reduceCells(reducer, pickValues(field, rows).values)),
          ),
        );
      });
    const first = groups.map(([row]) => row);
    return [
      {
        refId: frame.refId,
        name: "",
        fields: [...keys.map((key) => pickValues(key, first)), ...reduced],
      },
    ];
  });
};

/** Makes a table with a row for each value of one field and a column for each value of another. */
export const groupingToMatrix: Transform = (frames, options) => {
  const [frame] = frames;
  if (frame === undefined || frames.length !== 1) return frames;
  const names = {
    column: asText(options["columnField"], "Time"),
    row: asText(options["rowField"], "Time"),
    value: asText(options["valueField"], "Value"),
  };
  const column = findField(frame, names.column);
  const row = findField(frame, names.row);
  const value = findField(frame, names.value);
  if (column === undefined || row === undefined || value === undefined) return frames;
  const rowKeys = [...new Set(row.values)];
  const cells = new Map(
    value.values.map((cell, at) => [JSON.stringify([row.values[at], column.values[at]]), cell]),
  );
  const empty = options["emptyValue"] === "zero" ? 0 : null;
  const fields = [...new Set(column.values)].map((key) =>
    createField(
      String(key),
      value.type,
      rowKeys.map((rowKey) => cells.get(JSON.stringify([rowKey, key])) ?? empty),
    ),
  );
  const title = createField(`${names.row}\\${names.column}`, row.type, rowKeys);
  return [{ refId: frame.refId, name: "", fields: [title, ...fields] }];
};

/** Splits each frame into one for each combination of the values of some fields. */
export const partitionByValues: Transform = (frames, options) => {
  const names = asTexts(options["fields"]);
  if (names.length === 0) return frames;
  const keepsFields = asFlag(options["keepFields"]);
  const withNames =
    options["naming"] !== undefined && asObject(options["naming"])["withNames"] === true;
  return frames.flatMap((frame) => {
    const keys = names.flatMap((name) => findField(frame, name) ?? []);
    if (keys.length === 0) return [frame];
    return groupRows(frame, keys).map((rows) => {
      const parts = keys.map((key) => {
        const value = String(key.values[rows[0]!] ?? "");
        return withNames ? `${nameField(frame, key)}=${value}` : value;
      });
      const labels = Object.fromEntries(
        keys.map((key) => [nameField(frame, key), String(key.values[rows[0]!] ?? "")]),
      );
      const kept = frame.fields.filter((field) => keepsFields || !keys.includes(field));
      return {
        refId: frame.refId,
        name: parts.join(" "),
        fields: kept.map((field) => ({
          ...pickValues(field, rows),
          ...(field.type === "number" && { labels: { ...field.labels, ...labels } }),
        })),
      };
    });
  });
};
