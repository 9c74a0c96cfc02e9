import { shorten } from "../tabular/feature-codec.ts";
import type { Feature } from "../tabular/tabular.ts";
import type { RowWarnings, Warning } from "./serving.ts";

/** Creates the map with the first warning, since most requests have none. */
export class WarningMap implements RowWarnings {
  byRow: Map<number, Warning[]> | null = null;

  add(row: number, warning: Warning): void {
    this.byRow ??= new Map();
    const known = this.byRow.get(row);
    if (known === undefined) this.byRow.set(row, [warning]);
    else known.push(warning);
  }
}

const MAX_LISTED = 5;

type WarningOf<C extends Warning["code"]> = Extract<Warning, { code: C }>;

export function toRangeWarning(feature: Feature, value: number): WarningOf<"out_of_range"> {
  const { name, min, max } = feature;
  const unit = feature.unit === null ? "" : ` ${feature.unit}`;
  const range = `${min ?? "-Inf"} to ${max ?? "+Inf"}${unit}`;
  const message = `${name} is ${value}${unit}, outside the range of the training data, ${range}`;
  return { code: "out_of_range", message, feature: name, value, min, max };
}

export function toOutlierWarning(pValue: number, alpha: number): WarningOf<"out_of_distribution"> {
  return {
    code: "out_of_distribution",
    message: describeOutlier(pValue, alpha),
    p_value: pValue,
    alpha,
  };
}

export function describeOutlier(pValue: number, alpha: number): string {
  return (
    `The row is unlike the training data: its p-value ${pValue.toPrecision(2)} is at or below ${alpha}. ` +
    "Do not rely on this prediction."
  );
}

export function toMissingWarning({ name, nullable }: Feature): WarningOf<"missing_value"> {
  const contrast = nullable ? "" : ", which no row of the training data was";
  return { code: "missing_value", message: `${name} is missing${contrast}`, feature: name };
}

/** @param nearest the closest known categories */
export function toCategoryWarning(
  { name, categories = [] }: Feature,
  value: string | number,
  nearest: readonly (string | number)[],
): WarningOf<"unknown_category"> {
  const shown = typeof value === "string" ? shorten(value) : value;
  const known = nearest.length > 0 ? nearest : categories.map((each) => each.value);
  const listed = known.slice(0, MAX_LISTED).map((each) => JSON.stringify(each));
  const more = known.length > MAX_LISTED ? ", …" : "";
  const hint = `${nearest.length > 0 ? "nearest" : "known"}: ${listed.join(", ")}${more}`;
  const message = `${name} is ${JSON.stringify(shown)}, which is not a category of the training data (${hint})`;
  return { code: "unknown_category", message, feature: name, value: shown, nearest };
}

export function toUncheckedWarning(): WarningOf<"unchecked"> {
  return { code: "unchecked", message: describeUnchecked() };
}

export function describeUnknownCategory(): string {
  return "The row has a category that the training data did not have.";
}

export function describeUnchecked(): string {
  return "The row was not compared with the training data, because a value is missing.";
}

export function toUnknownFieldWarning(field: string): WarningOf<"unknown_field"> {
  const message = `The model has no feature "${field}"; the field was ignored`;
  return { code: "unknown_field", message, field };
}
