import { toPublicValue } from "../tabular/feature-codec.ts";
import type { Feature } from "../tabular/tabular.ts";

/** A row as a request has it. */
export type PublicRow = Readonly<Record<string, ReturnType<typeof toPublicValue>>>;

/** Converts the numbers of a row to the values of a request, by name of the feature. */
export function toPublicRow(
  features: readonly Feature[],
  row: readonly (number | null)[],
): PublicRow {
  return Object.fromEntries(
    features.map((feature, i) => [feature.name, toPublicValue(feature, row[i] ?? null)]),
  );
}
