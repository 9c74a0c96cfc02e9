import { TepalError } from "../../kernel/errors.ts";
import type { JsonObject } from "../../kernel/json.ts";
import { getReplyEncoder } from "../../serving/encode/encode-reply.ts";
import { ByteWriter } from "../../serving/encode/byte-writer.ts";
import { createRowWriter, type RowWriter } from "../../serving/encode/row-writer.ts";
import { previewRows } from "../../serving/preview-rows.ts";
import type { AnyPredictor, StreamPredictions } from "../../serving/serving.ts";
import { quoteCell } from "../../tabular/csv-row.ts";
import { toPublicRow } from "../../model/public-row.ts";
import { toPublicValue } from "../../tabular/feature-codec.ts";
import { toLimit, type Feature } from "../../tabular/tabular.ts";
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
export async function createRowExamples(predictor: AnyPredictor): Promise<RouteExamples> {
  const { features } = predictor;
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
    request[name] = { summary, value: toPublicRow(features, row) };
    const predictions = await tryRows(predictor, [row]);
    if (predictions === undefined) continue;
    const text = getReplyEncoder(predictor).encodeRow(predictions, EXAMPLE_ID);
    reply[name] = { summary, value: JSON.parse(text) };
  }
  return { request: { json: request }, reply: { json: reply } };
}

/** Examples of a batch, and of the same rows as streams. */
export async function createBatchExamples(predictor: AnyPredictor): Promise<RouteExamples> {
  const { example } = predictor;
  const { features } = predictor;
  const names = features.map(({ name }) => name);
  const objects = [toPublicRow(features, example)];
  const arrays = [example, toOutlier(features, example)];
  const encoder = getReplyEncoder(predictor);
  const encode = async (rows: readonly Row[]): Promise<unknown> => {
    const predictions = await tryRows(predictor, rows);
    if (predictions === undefined) return undefined;
    return JSON.parse(encoder.encodeBatch(predictions, EXAMPLE_ID).toString());
  };
  const rows = {
    objects: { summary: "Rows as objects", instances: objects, reply: await encode([example]) },
    arrays: {
      summary: `Rows as arrays: ${names.join(", ")}`,
      instances: arrays.map((row) => toValues(features, row)),
      reply: await encode(arrays),
    },
  };
  const request: Record<string, unknown> = {};
  const reply: Record<string, unknown> = {};
  for (const [name, { summary, instances, reply: value }] of Object.entries(rows)) {
    request[name] = { summary, value: { instances } };
    if (value !== undefined) reply[name] = { summary, value };
  }
  const predictions = await tryRows(predictor, [example]);
  const csv = createRowWriter(predictor, "csv");
  const ndjson = createRowWriter(predictor, "ndjson");
  const streams = predictions !== undefined && {
    csv: csv.header + writeLine(csv, predictions, 2),
    ndjson: writeLine(ndjson, predictions, 1),
  };
  return {
    request: {
      json: request,
      csv: `${[names, toValues(features, example)].map((cells) => cells.map((cell) => quoteCell(String(cell ?? ""))).join(",")).join("\n")}\n`,
    },
    reply: { json: reply, ...streams },
  };
}

function writeLine(writer: RowWriter, predictions: StreamPredictions, line: number): string {
  const bytes = new ByteWriter();
  writer.writeRow(bytes, predictions, 0, line);
  return bytes.takeText();
}

/** Predicts rows; undefined if one is rejected, or if another engine cannot predict now. */
async function tryRows(
  predictor: AnyPredictor,
  rows: readonly Row[],
): Promise<StreamPredictions | undefined> {
  try {
    const predictions = await previewRows(predictor, rows);
    return predictions.rejected === null ? predictions : undefined;
  } catch (error) {
    if (error instanceof TepalError) return undefined;
    throw error;
  }
}

type Values = readonly ReturnType<typeof toPublicValue>[];

/** Returns the values of a row as a request has them. */
function toValues(features: readonly Feature[], values: Row): Values {
  return features.map((feature, i) => toPublicValue(feature, values[i] ?? null));
}

/** Returns the example row with its first number far above the training range. */
function toOutlier(features: readonly Feature[], example: Row): Row {
  const index = features.findIndex(({ type }) => type === "number" || type === "integer");
  const feature = features[index];
  if (feature === undefined) return example;
  const { min, max } = feature;
  const far = Math.round((max ?? 1) + 20 * ((max ?? 1) - (min ?? 0)));
  return example.with(index, Math.min(far, toLimit(feature)));
}
