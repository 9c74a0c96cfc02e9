import { pickClassic, type Palette } from "../grafana/colours.ts";
import type { Panel } from "../grafana/dashboard.ts";
import { toText, type DisplayValue } from "../grafana/display.ts";
import { isHidden, toRegExp } from "../grafana/field-config.ts";
import { asFlag, asNumber, asObject, asTexts } from "../grafana/json.ts";
import { reduceValues } from "../grafana/reducers.ts";
import { toSamples, type ShownField, type ShownFrame } from "../grafana/resolve-fields.ts";

/** One of the values of a stat, a gauge or a bar gauge. */
export interface PanelValue {
  readonly name: string;
  readonly value: DisplayValue;
  readonly field: ShownField;
}

/** Grafana shows at most this number of rows. */
const MAX_ROWS = 25;

/** Reduces each field of numbers to its value, as `reduceOptions` of the panel states, or shows its rows. */
export function listPanelValues(
  panel: Panel,
  frames: readonly ShownFrame[],
  palette: Palette,
): readonly PanelValue[] {
  const { calcs, fields, values, limit } = asObject(panel.options["reduceOptions"]);
  const [calc = "lastNotNull"] = asTexts(calcs);
  const pattern = typeof fields === "string" && fields !== "" ? toRegExp(fields) : undefined;
  const shown = frames.flatMap((frame) =>
    frame.fields
      .filter(({ type, title, name, config }) =>
        pattern === undefined
          ? type === "number" && !isHidden(config)
          : (pattern.test(title) || pattern.test(name)) && type !== "time",
      )
      .map((field) => ({ field, frame })),
  );
  if (asFlag(values)) {
    let count = 0;
    return shown
      .flatMap(({ field, frame }) =>
        field.values.map((cell, row): PanelValue => {
          const value = field.display(cell);
          const isClassic = field.config.colour?.mode === "palette-classic";
          const colour = isClassic ? pickClassic(count++, palette) : value.colour;
          return { name: nameRow(frame, field, row), value: { ...value, colour }, field };
        }),
      )
      .slice(0, asNumber(limit) ?? MAX_ROWS);
  }
  return shown.map(({ field }): PanelValue => {
    const reduced =
      field.type === "number"
        ? reduceValues(calc, toSamples(field))
        : (field.values.at(-1) ?? null);
    return { name: field.title, value: field.display(reduced), field };
  });
}

/** Names a row by its strings; with several fields of numbers, by its field too. */
function nameRow({ fields }: ShownFrame, field: ShownField, row: number): string {
  const texts = fields
    .filter(({ type }) => type === "string")
    .map((each) => toText(each.display(each.values[row] ?? "")))
    .filter((text) => text !== "");
  const hasOthers = fields.some((each) => each !== field && each.type === "number");
  return (hasOthers || texts.length === 0 ? [...texts, field.title] : texts).join(" ");
}
