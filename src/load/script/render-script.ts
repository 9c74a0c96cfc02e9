export type SampleValue = number | string | boolean | null;

/** A model, as far as a load script shows it. */
export interface ScriptModel {
  readonly name: string;
  readonly features: readonly ScriptFeature[];
  /** Rows that the users send, in the order of the features; at least one. */
  readonly rows: readonly (readonly SampleValue[])[];
}

export interface ScriptFeature {
  readonly name: string;
  /** As in the manifest: number, integer, boolean or category. */
  readonly type: string;
  readonly min: number | null;
  readonly max: number | null;
}

/** Share of the range of a feature by which a value differs from its row. */
const NOISE_SHARE = 0.01;

/** Writes a load script for a model: single rows and batches, with the places to change in comments. */
export function renderScript({ name, features, rows }: ScriptModel): string {
  const model = `/models/${encodeURIComponent(name)}`;
  return `/**
 * Load test of the model ${name}. \`tepal load\` runs it, and docs/load-testing.md explains it. It is yours: Tepal does not write it again.
 */
import { between, check, defineUser, task, type VirtualUser } from "tepal/load";

type Value = number | string | boolean | null;

/** \`\${MODEL}/versions/1\` is one version; "" is the default model. */
const MODEL = ${JSON.stringify(model)};
/** Names of the features, in the order of the values below. */
const FEATURES = ${JSON.stringify(features.map((feature) => feature.name))};
/** Data: the rows that users send, drawn at random. Replace them with rows like those of your clients. */
const ROWS: readonly (readonly Value[])[] = [
${rows.map((row) => `  ${JSON.stringify(row)},`).join("\n")}
];
/** Data: largest difference of a number from that of its row, for each feature. With 0, rows are sent as they are. */
const NOISE = ${JSON.stringify(features.map(toNoise))};
/** Data: number of rows of a batch. */
const BATCH_ROWS = 20;

function drawRow({ random }: VirtualUser): Value[] {
  const row = ROWS[random.below(ROWS.length)] ?? [];
  return row.map((value, i) =>
    typeof value === "number" ? value + (NOISE[i] ?? 0) * (2 * random.uniform() - 1) : value,
  );
}

/** Task: one row in a request. */
async function predict(user: VirtualUser): Promise<void> {
  const row = drawRow(user);
  const json = Object.fromEntries(FEATURES.map((feature, i) => [feature, row[i]]));
  const reply = await user.post(\`\${MODEL}/predict\`, { json, name: "predict" });
  check(reply, { "has a prediction": () => "prediction" in reply.json<object>() });
}

/** Task: a batch of rows in a request. */
async function predictBatch(user: VirtualUser): Promise<void> {
  const instances = Array.from({ length: BATCH_ROWS }, () => drawRow(user));
  const reply = await user.post(\`\${MODEL}/predict/batch\`, { json: { instances }, name: "batch" });
  check(reply, {
    "has all rows": () => reply.json<{ predictions: unknown[] }>().predictions.length === BATCH_ROWS,
  });
}

export default defineUser({
  name: "Client",
  // Waits: seconds of each user after each task. Without \`waitTime\`, users send without a pause.
  waitTime: between(1, 3),
  // Tasks and their weights: three of four requests have one row.
  tasks: [task(3, predict), task(1, predictBatch, { tags: ["batch"] })],
});
`;
}

function toNoise({ type, min, max }: ScriptFeature): number {
  if (type !== "number" || min === null || max === null) return 0;
  return Number((NOISE_SHARE * (max - min)).toPrecision(3));
}
