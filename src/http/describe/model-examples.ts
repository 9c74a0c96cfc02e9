import type { JsonObject } from "../../kernel/json.ts";
import { getReplyEncoder } from "../../serving/encode/encode-reply.ts";
import { createRowWriter } from "../../serving/encode/row-writer.ts";
import type { Predictor } from "../../serving/serving.ts";
import { FLOAT32_MAX, type Feature } from "../../tabular/tabular.ts";
import { EXAMPLE_ID } from "../schemas/problem.ts";

/** Examples by media type: of a request or of its reply. */
export interface Examples {
  readonly json: JsonObject;
  /** Bodies of streams; undefined for a route of one row. */
  readonly csv?: string;
  readonly ndjson?: string;
}

/** The examples of a route, whose replies are real replies of the model. */
export interface RouteExamples {
  readonly request: Examples;
  readonly reply: Examples;
}

type Row = readonly (number | null)[];

/** Examples of one row: an ordinary one, and an outlier. */
export function createRowExamples(predictor: Predictor): RouteExamples {
  const { features } = predictor.manifest;
  const rows = {
    ordinary: { summary: "A row of the training data", row: predictor.example },
    outlier: {
      summary: "A row unlike the training data",
      row: toOutlier(features, predictor.example),
    },
  };
  const request: Record<string, unknown> = {};
  const reply: Record<string, unknown> = {};
  for (const [name, { summary, row }] of Object.entries(rows)) {
    request[name] = { summary, value: toObject(features, row) };
    const predictions = predictor.preview([row]);
    if (predictions.rejected !== null) continue;
    const text = getReplyEncoder(predictor).encodeRow(predictions, EXAMPLE_ID);
    reply[name] = { summary, value: JSON.parse(text) };
  }
  return { request: { json: request }, reply: { json: reply } };
}

/** Examples of a batch, and of the same rows as streams. */
export function createBatchExamples(predictor: Predictor): RouteExamples {
  const { example } = predictor;
  const { features } = predictor.manifest;
  const names = features.map(({ name }) => name);
  const objects = [toObject(features, example)];
  const arrays = [example, toOutlier(features, example)];
  const encoder = getReplyEncoder(predictor);
  const encode = (rows: readonly Row[]): unknown => {
    const predictions = predictor.preview(rows);
    if (predictions.rejected !== null) return undefined;
    return JSON.parse(encoder.encodeBatch(predictions, EXAMPLE_ID));
  };
  const rows = {
    objects: { summary: "Rows as objects", instances: objects, reply: encode([example]) },
    arrays: {
      summary: `Rows as arrays: ${names.join(", ")}`,
      instances: arrays,
      reply: encode(arrays),
    },
  };
  const request: Record<string, unknown> = {};
  const reply: Record<string, unknown> = {};
  for (const [name, { summary, instances, reply: value }] of Object.entries(rows)) {
    request[name] = { summary, value: { instances } };
    if (value !== undefined) reply[name] = { summary, value };
  }
  const predictions = predictor.preview([example]);
  const csv = createRowWriter(predictor, "csv");
  const ndjson = createRowWriter(predictor, "ndjson");
  const streams = predictions.rejected === null && {
    csv: csv.header + csv.encodeRow(predictions, 0, 2),
    ndjson: ndjson.encodeRow(predictions, 0, 1),
  };
  return {
    request: {
      json: request,
      csv: `${[names.map(quote), example].map((cells) => cells.join(",")).join("\n")}\n`,
    },
    reply: { json: reply, ...streams },
  };
}

function quote(cell: string): string {
  return cell.includes(",") ? `"${cell}"` : cell;
}

function toObject(features: readonly Feature[], values: Row): Record<string, number | null> {
  return Object.fromEntries(features.map(({ name }, i) => [name, values[i] ?? null]));
}

/** Returns the example row with its first feature far above the training range. */
function toOutlier(features: readonly Feature[], example: Row): (number | null)[] {
  const { min, max } = features[0] ?? {};
  const far = Math.round((max ?? 1) + 20 * ((max ?? 1) - (min ?? 0)));
  return [Math.min(far, FLOAT32_MAX), ...example.slice(1)];
}
