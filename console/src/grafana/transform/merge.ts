import type { CellValue } from "../display.ts";
import type { Field } from "../frames.ts";
import { withName, type Transform } from "./parts.ts";

/** Joins tables: rows with the same values in all shared columns become one. */
export const merge: Transform = (frames) => {
  const tables = frames.filter(({ fields }) => fields.length > 0);
  if (tables.length < 2) return frames;
  const columns = new Map<string, Field>();
  for (const table of tables) {
    for (const field of table.fields) {
      if (!columns.has(field.name)) columns.set(field.name, field);
    }
  }
  const keys = [...columns.keys()].filter((name) =>
    tables.every(({ fields }) => fields.some((field) => field.name === name)),
  );
  const rows = new Map<string, Map<string, CellValue>[]>();
  for (const { fields } of tables) {
    const count = fields[0]?.values.length ?? 0;
    for (let row = 0; row < count; row++) {
      const cells = new Map(fields.map(({ name, values }) => [name, values[row] ?? null]));
      const id = JSON.stringify(keys.map((key) => cells.get(key) ?? null));
      const same = rows.get(id) ?? [];
      const free = same.find((other) =>
        [...cells].every(([name, value]) => !other.has(name) || other.get(name) === value),
      );
      if (free === undefined) rows.set(id, [...same, cells]);
      else for (const [name, value] of cells) free.set(name, value);
    }
  }
  const all = [...rows.values()].flat();
  const fields = [...columns.values()].map((field) => ({
    ...field,
    values: all.map((cells) => cells.get(field.name) ?? null),
  }));
  return [{ refId: tables[0]!.refId, name: "", fields }];
};

/** Puts the fields of all frames beside each other. */
export const concatenate: Transform = (frames) => {
  const [first] = frames;
  if (first === undefined) return frames;
  return [
    {
      refId: first.refId,
      name: "",
      fields: frames.flatMap((frame) => frame.fields.map((field) => withName(frame, field))),
    },
  ];
};
