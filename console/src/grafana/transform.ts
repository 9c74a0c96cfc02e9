import type { Transformation } from "./dashboard.ts";
import type { CellValue } from "./display.ts";
import type { Field, Frame } from "./frames.ts";
import { asFlag, asNumber, asObject, asText } from "./json.ts";

type Transform = (frames: readonly Frame[], options: Transformation["options"]) => readonly Frame[];

const TRANSFORMS: Readonly<Record<string, Transform>> = { merge, organize, sortBy };

/** Applies transformations in their order. Returns the ids of those that are not known, too. */
export function transform(
  frames: readonly Frame[],
  transformations: readonly Transformation[],
): { readonly frames: readonly Frame[]; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  let current = frames;
  for (const { id, options } of transformations) {
    const apply = TRANSFORMS[id];
    if (apply === undefined) unknown.push(id);
    else current = apply(current, options);
  }
  return { frames: current, unknown };
}

/** Joins tables: rows with the same values in all shared columns become one. */
function merge(frames: readonly Frame[]): readonly Frame[] {
  const tables = frames.filter(({ fields }) => fields.length > 0);
  if (tables.length < 2) return frames;
  const columns = new Map<string, Field>();
  for (const { fields } of tables) {
    for (const field of fields) if (!columns.has(field.name)) columns.set(field.name, field);
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
}

/** Leaves columns out, orders and renames them. */
function organize(frames: readonly Frame[], options: Transformation["options"]): readonly Frame[] {
  const excluded = asObject(options["excludeByName"]);
  const order = asObject(options["indexByName"]);
  const names = asObject(options["renameByName"]);
  const at = ({ name }: Field): number => asNumber(order[name]) ?? Number.MAX_SAFE_INTEGER;
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields
      .filter(({ name }) => !asFlag(excluded[name]))
      .toSorted((a, b) => at(a) - at(b))
      .map((field) => ({ ...field, name: asText(names[field.name]) || field.name })),
  }));
}

function sortBy(frames: readonly Frame[], options: Transformation["options"]): readonly Frame[] {
  const [sort] = Array.isArray(options["sort"]) ? options["sort"].map(asObject) : [];
  const column = asText(sort?.["field"]);
  const sign = asFlag(sort?.["desc"]) ? -1 : 1;
  return frames.map((frame) => {
    const key = frame.fields.find(({ name }) => name === column);
    if (key === undefined) return frame;
    const rows = key.values
      .map((_value, index) => index)
      .toSorted((a, b) => sign * compare(key.values[a] ?? null, key.values[b] ?? null));
    return {
      ...frame,
      fields: frame.fields.map((field) => ({
        ...field,
        values: rows.map((row) => field.values[row] ?? null),
      })),
    };
  });
}

function compare(a: CellValue, b: CellValue): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}
