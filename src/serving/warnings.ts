import type { Feature } from "../tabular/tabular.ts";
import type { Warning } from "./serving.ts";

/** Warnings by row; the map is made with the first of them, since most requests have none. */
export class WarningMap {
  byRow: Map<number, Warning[]> | null = null;

  add(row: number, warning: Warning): void {
    this.byRow ??= new Map();
    const known = this.byRow.get(row);
    if (known === undefined) this.byRow.set(row, [warning]);
    else known.push(warning);
  }
}

type Of<C extends Warning["code"]> = Extract<Warning, { code: C }>;

export function toRangeWarning(feature: Feature, value: number): Of<"out_of_range"> {
  const { name, min, max } = feature;
  const unit = feature.unit === null ? "" : ` ${feature.unit}`;
  const range = `${min ?? "-Inf"} to ${max ?? "+Inf"}${unit}`;
  const message = `${name} is ${value}${unit}, outside the range it was trained on, ${range}`;
  return { code: "out_of_range", message, feature: name, value, min, max };
}

export function toOutlierWarning(pValue: number, alpha: number): Of<"out_of_distribution"> {
  const message =
    `The row is unlike the training data: its p-value ${pValue.toPrecision(2)} is at or below ${alpha}. ` +
    "Do not rely on this prediction.";
  return { code: "out_of_distribution", message, p_value: pValue, alpha };
}

export function toMissingWarning({ name }: Feature): Of<"missing_value"> {
  const message = `${name} is missing; the row was not compared with the training data`;
  return { code: "missing_value", message, feature: name };
}

export function toUnknownFieldWarning(field: string): Of<"unknown_field"> {
  const message = `The model does not know the field "${field}"; it was ignored`;
  return { code: "unknown_field", message, field };
}
