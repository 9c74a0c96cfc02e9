import type { Palette } from "./colours.ts";
import type { Panel } from "./dashboard.ts";
import { createDisplay, type CellValue, type Display } from "./display.ts";
import { resolveConfig, type FieldConfig } from "./field-config.ts";
import type { Field, Frame } from "./frames.ts";
import { asObject } from "./json.ts";
import { reduceValues, type Sample } from "./reducers.ts";
import { nameField } from "./transform/parts.ts";

/** A field with its config, name and formatter. */
export interface ShownField extends Field {
  readonly title: string;
  readonly config: FieldConfig;
  readonly display: Display;
  /** The color of the whole series. */
  readonly colour: string;
  /** The ends of gauges and of scales of colors: those of the config, else of the values; 0 and 100 without any. */
  readonly limits: { readonly min: number; readonly max: number };
}

export interface ShownFrame {
  readonly refId: string;
  readonly fields: readonly ShownField[];
}

/** Thresholds of a panel without its own. */
const THRESHOLDS = {
  mode: "absolute",
  steps: [
    { value: null, color: "green" },
    { value: 80, color: "red" },
  ],
};

/** Limits of fields without values. */
const NO_LIMITS = { min: 0, max: 100 };

/** Color modes of panels without their own, where they differ from thresholds. */
const COLOUR_MODES: Readonly<Record<string, string>> = {
  timeseries: "palette-classic",
  histogram: "palette-classic",
  barchart: "palette-classic",
  piechart: "palette-classic",
  "state-timeline": "continuous-GrYlRd",
};

/** Applies the field config of a panel to its data. */
export function resolveFields(
  frames: readonly Frame[],
  panel: Pick<Panel, "defaults" | "overrides" | "type">,
  palette: Palette,
): readonly ShownFrame[] {
  const all = findRange(frames);
  const colour = asObject(panel.defaults["color"]);
  const defaults = {
    ...panel.defaults,
    thresholds: panel.defaults["thresholds"] ?? THRESHOLDS,
    color:
      colour["mode"] === undefined ? { mode: COLOUR_MODES[panel.type] ?? "thresholds" } : colour,
  };
  let index = 0;
  return frames.map((frame) => ({
    refId: frame.refId,
    fields: frame.fields.map((field) => {
      const ownName = nameField(frame, field);
      const config = resolveConfig(defaults, panel.overrides, {
        names: ownName === field.name ? [ownName] : [ownName, field.name],
        type: field.type,
        refId: frame.refId,
        reduce: (reducer) => reduceValues(reducer, toSamples(field)),
      });
      const title = fillName(config.displayName, field, ownName);
      const position = field.type === "time" ? 0 : index++;
      const range = config.isOwnRange === true ? findRange([{ ...frame, fields: [field] }]) : all;
      const display = createDisplay({
        config,
        type: field.type,
        palette,
        range,
        index: position,
        name: title,
      });
      const last =
        field.type === "number"
          ? reduceValues(config.colour?.seriesBy ?? "last", toSamples(field))
          : null;
      const limits = {
        min: config.min ?? range?.min ?? NO_LIMITS.min,
        max: config.max ?? range?.max ?? NO_LIMITS.max,
      };
      return { ...field, title, config, display, colour: display(last).colour, limits };
    }),
  }));
}

/** Fills the labels and names of a field into its display name: `${__field.labels.job}`. */
function fillName(pattern: string | undefined, { name, labels }: Field, ownName: string): string {
  if (pattern === undefined) return ownName;
  return (
    pattern
      .replaceAll(
        /\$\{__field\.labels\.([^}]+)\}/g,
        (_all, label: string) => labels[label.replaceAll(/^\["?|"?\]$/g, "")] ?? "",
      )
      .replaceAll(/\$\{__(?:field\.(?:displayName|name)|series\.name)\}/g, ownName)
      .replaceAll("${__field.labels}", () =>
        Object.entries(labels)
          .map(([label, value]) => `${label}="${value}"`)
          .join(", "),
      ) || name
  );
}

const isSample = (value: CellValue): value is Sample => value === null || typeof value === "number";

/** Returns the values of a field of numbers. */
export function toSamples({ values }: Field): readonly Sample[] {
  // A reply has nothing else: a copy of each series for each use was a tenth of a refresh.
  if (values.every(isSample)) return values;
  return values.map((value) => (typeof value === "number" ? value : null));
}

/** Returns the lowest and highest value of all fields of numbers; undefined without one. */
function findRange(frames: readonly Frame[]): { min: number; max: number } | undefined {
  let [min, max] = [Infinity, -Infinity];
  for (const { fields } of frames) {
    for (const { type, values } of fields) {
      if (type !== "number") continue;
      for (const value of values) {
        if (typeof value !== "number" || !Number.isFinite(value)) continue;
        if (value < min) min = value;
        if (value > max) max = value;
      }
    }
  }
  return min > max ? undefined : { min, max };
}
