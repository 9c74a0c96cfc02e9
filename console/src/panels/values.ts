import type { Panel } from "../grafana/dashboard.ts";
import type { DisplayValue } from "../grafana/display.ts";
import { asFlag, asObject, asTexts } from "../grafana/json.ts";
import { reduceValues } from "../grafana/reducers.ts";
import { toSamples, type ShownField, type ShownFrame } from "../grafana/resolve-fields.ts";
import { toRegExp } from "../grafana/field-config.ts";

/** One of the values of a stat, a gauge or a bar gauge. */
export interface PanelValue {
  readonly name: string;
  readonly value: DisplayValue;
  readonly field: ShownField;
}

/** Grafana shows at most this number of rows. */
const MAX_ROWS = 25;

/** Reduces each field of numbers to its value, as `reduceOptions` of the panel states. */
export function listPanelValues(
  panel: Panel,
  frames: readonly ShownFrame[],
): readonly PanelValue[] {
  const { calcs, fields, values } = asObject(panel.options["reduceOptions"]);
  const [calc = "lastNotNull"] = asTexts(calcs);
  const pattern = typeof fields === "string" && fields !== "" ? toRegExp(fields) : undefined;
  const shown = frames.flatMap((frame) =>
    frame.fields.filter(({ type, title, config }) =>
      pattern === undefined
        ? type === "number" && config.custom["hidden"] !== true
        : pattern.test(title) && type !== "time",
    ),
  );
  return shown.flatMap((field): PanelValue[] => {
    if (asFlag(values)) {
      return field.values
        .slice(0, MAX_ROWS)
        .map((value) => ({ name: field.title, value: field.display(value), field }));
    }
    const reduced =
      field.type === "number"
        ? reduceValues(calc, toSamples(field))
        : (field.values.at(-1) ?? null);
    return [{ name: field.title, value: field.display(reduced), field }];
  });
}
