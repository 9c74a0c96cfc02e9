import { asNumber, asObject, asObjects, asText } from "../grafana/json.ts";
import type { Api } from "../lib/api.ts";

/** Number of sample predictions, the last of which is an outlier. */
export const SAMPLES = 20;

/** A row by feature; null is a missing value. */
export type Row = Readonly<Record<string, Value>>;
type Value = number | string | boolean | null;

interface Feature {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly isInteger?: boolean;
  /** The values of a category or a truth value; undefined for a number. */
  readonly values?: readonly Value[];
}

/** Distance of the outlier from the training range, in widths of the range. */
const FAR = 10;

/**
 * Creates sample rows: training rows if the server shows them, else rows from the middle of each feature's range. The last one is an
 * outlier: one value far above its range.
 *
 * @param random returns numbers from 0 to below 1
 */
export function createSamples(
  features: readonly Feature[],
  known: readonly Row[],
  random: () => number,
): readonly Row[] {
  return Array.from({ length: SAMPLES }, (_, index) => {
    const row =
      known.length === 0
        ? drawRow(features, random)
        : known[Math.floor(((index + random()) * known.length) / SAMPLES)]!;
    const first = features.find(({ values }) => values === undefined);
    return index < SAMPLES - 1 || first === undefined
      ? row
      : { ...row, [first.name]: first.max + FAR * (first.max - first.min || 1) };
  });
}

/** Values from the middle half of the ranges: corners are far from the training rows. */
function drawRow(features: readonly Feature[], random: () => number): Row {
  return Object.fromEntries(
    features.map(({ name, min, max, isInteger, values }) => {
      if (values !== undefined) return [name, values[Math.floor(random() * values.length)] ?? null];
      const value = min + (max - min) * (0.25 + random() / 2);
      return [name, isInteger === true ? Math.round(value) : value];
    }),
  );
}

/** Reads the features of a manifest. A feature without a range has the values 0 to 1. */
export function parseFeatures(manifest: unknown): readonly Feature[] {
  return asObjects(asObject(manifest)["features"]).map(({ name, type, min, max, categories }) => ({
    name: asText(name),
    min: asNumber(min) ?? 0,
    max: asNumber(max) ?? 1,
    ...(type === "integer" && { isInteger: true }),
    ...(type === "boolean" && { values: [false, true] }),
    ...(type === "category" && {
      values: asObjects(categories).map(({ value }) =>
        typeof value === "number" ? value : asText(value),
      ),
    }),
  }));
}

/** Sends the samples one by one. @param onSent called with the number of replies so far */
export async function sendSamples(
  api: Api,
  model: string,
  onSent: (count: number) => void,
): Promise<void> {
  const path = `models/${encodeURIComponent(model)}`;
  const [manifest, known] = await Promise.all([
    api.json(path),
    // Not every server shows training rows, and not to every key.
    api.json(`${path}/reference?limit=200`).then(parseRows, () => []),
  ]);
  const rows = createSamples(parseFeatures(manifest), known, Math.random);
  for (const [index, row] of rows.entries()) {
    await api.json(`${path}/predict`, { method: "POST", body: row });
    onSent(index + 1);
  }
}

/** Reads the reference rows of a reply. Means of classes are no rows. */
export function parseRows(reply: unknown): readonly Row[] {
  const { kind, features, rows } = asObject(reply);
  if (kind !== "training_rows" || !Array.isArray(features)) return [];
  return asObjects(rows).map(({ values }) =>
    Object.fromEntries(
      features.map((name, index) => [
        String(name),
        Array.isArray(values) ? (asNumber(values[index]) ?? null) : null,
      ]),
    ),
  );
}
