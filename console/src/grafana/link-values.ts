import { toText } from "./display.ts";
import type { ShownField, ShownFrame } from "./resolve-fields.ts";
import type { LinkValues } from "./resolve-url.ts";

/** Returns what a link of a value may refer to, for example `__value.raw` and `__data.fields.job`. */
export function toLinkValues({ fields }: ShownFrame, field: ShownField, row: number): LinkValues {
  const value = field.values[row] ?? null;
  const texts = fields.map((each) => toText(each.display(each.values[row] ?? null)));
  return Object.fromEntries([
    ["__value.raw", String(value ?? "")],
    ["__value.numeric", String(value ?? "")],
    ["__value.text", toText(field.display(value))],
    ["__field.name", field.title],
    ["__series.name", field.title],
    ...Object.entries(field.labels).map(([label, each]) => [`__field.labels.${label}`, each]),
    ...fields.flatMap(({ name, title }, index) =>
      [String(index), name, title].map((key) => [`__data.fields.${key}`, texts[index]]),
    ),
  ]);
}
