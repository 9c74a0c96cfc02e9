import type { TepalError } from "../../kernel/errors.ts";
import { toErrorItems } from "../../kernel/problem-details.ts";
import { getReplyEncoder } from "./encode-reply.ts";
import type { Predictions, Predictor, Warning } from "../serving.ts";

/** How rows are written down, in a stream or a file: CSV (RFC 4180) or a JSON object a line. */
export type RowFormat = "csv" | "ndjson";

/** Writes what became of each row of a stream, a line each. */
export interface RowWriter {
  /** What stands before the first row; "" for NDJSON. */
  readonly header: string;
  /** A row that was predicted. */
  encodeRow(predictions: Predictions, row: number, line: number): string;
  /** A row that could not be used. */
  encodeError(error: TepalError, line: number): string;
}

export function createRowWriter(predictor: Predictor, format: RowFormat): RowWriter {
  return format === "csv" ? createCsvWriter(predictor) : createJsonWriter(predictor);
}

function createJsonWriter(predictor: Predictor): RowWriter {
  const encoder = getReplyEncoder(predictor);
  return {
    header: "",
    encodeRow: (predictions, row) => `${encoder.encodeItem(predictions, row)}\n`,
    encodeError({ code, message, problems }, line) {
      const errors = toErrorItems(problems);
      const listed = errors.length > 0 ? { errors } : {};
      return `${JSON.stringify({ error: { line, code, detail: message, ...listed } })}\n`;
    },
  };
}

/**
 * One table for every row: line, prediction, label and probability of each class (or the targets), p_value, is_outlier,
 * warnings, error. What has no value is empty. Texts begin with a word of ours, so that no text of a client can be taken
 * for a formula by a spreadsheet.
 */
function createCsvWriter({ manifest, outputs, hasGuard, alpha }: Predictor): RowWriter {
  const isClassifier = manifest.task === "classification";
  const labels = manifest.classes.map(quote);
  const targets = manifest.targets.length > 1 ? manifest.targets : [""];
  const columns = isClassifier
    ? ["prediction", "label", ...manifest.classes.map((name) => `probability_${name}`)]
    : targets.map((name) => (name === "" ? "prediction" : `prediction_${name}`));
  const tail = ["p_value", "is_outlier", "warnings", "error"];
  const header = ["line", ...columns, ...tail].map(quote).join(",");
  const empty = ",".repeat(columns.length + tail.length);

  return {
    header: `${header}\n`,
    encodeRow({ labels: indexes, scores, pValues, warnings }, row, line) {
      const at = row * outputs;
      let text = String(line);
      if (isClassifier) {
        const label = indexes[row] ?? 0;
        text += `,${label},${labels[label] ?? ""}`;
      }
      for (let i = at; i < at + outputs; i++) text += `,${toCell(scores[i] ?? Number.NaN)}`;
      const pValue = pValues[row] ?? Number.NaN;
      text += hasGuard ? `,${toCell(pValue)},${pValue <= alpha}` : ",,";
      const listed = warnings?.get(row);
      return `${text},${listed === undefined ? "" : quote(listed.map(toShort).join("; "))},\n`;
    },
    encodeError({ message, problems }, line) {
      const listed = problems.map(({ at, message: detail }) =>
        at === "" ? detail : `${at} ${detail}`,
      );
      const text = listed.length > 0 ? `${message}: ${listed.join("; ")}` : message;
      return `${line}${empty}${quote(text)}\n`;
    },
  };
}

/** Such as `out_of_range:sepal_length`. */
function toShort(warning: Warning): string {
  if ("feature" in warning) return `${warning.code}:${warning.feature}`;
  return "field" in warning ? `${warning.code}:${warning.field}` : warning.code;
}

function toCell(value: number): string {
  return Number.isFinite(value) ? String(value) : "";
}

function quote(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
