import { formatProblem } from "../../kernel/check.ts";
import { formatCsvCell } from "../../kernel/csv-cell.ts";
import type { TepalError } from "../../kernel/errors.ts";
import { toErrorItems } from "../../kernel/problem-details.ts";
import { getReplyEncoder } from "./encode-reply.ts";
import type { Predictions, PredictorBase, RowFormat, Warning } from "../serving.ts";

/** Encodes the outcome of each row of a stream as one line. */
export interface RowWriter {
  /** The line before the first row; "" for NDJSON. */
  readonly header: string;
  /** Encodes a predicted row. */
  encodeRow(predictions: Predictions, row: number, line: number): string;
  /** Encodes a bad row. */
  encodeError(error: TepalError, line: number): string;
}

export function createRowWriter(predictor: PredictorBase, format: RowFormat): RowWriter {
  return format === "csv" ? createCsvWriter(predictor) : createJsonWriter(predictor);
}

function createJsonWriter(predictor: PredictorBase): RowWriter {
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
 * Encodes CSV with the columns line, prediction, label, class_index and probability of each class (or the targets), p_value, is_outlier,
 * warnings, error. Cells without a value are empty. Strings are safe for spreadsheets.
 */
function createCsvWriter(predictor: PredictorBase): RowWriter {
  const { manifest, outputs, hasGuard, alpha, classValues } = predictor;
  const isClassifier = manifest.task === "classification";
  const labels = manifest.classes.map(formatCsvCell);
  const targets = manifest.targets.length > 1 ? manifest.targets : [""];
  const columns = isClassifier
    ? [
        "prediction",
        "label",
        "class_index",
        ...manifest.classes.map((name) => `probability_${name}`),
      ]
    : targets.map((name) => (name === "" ? "prediction" : `prediction_${name}`));
  const tail = ["p_value", "is_outlier", "warnings", "error"];
  const header = ["line", ...columns, ...tail].map(formatCsvCell).join(",");
  const empty = ",".repeat(columns.length + tail.length);

  return {
    header: `${header}\n`,
    encodeRow({ labels: indexes, scores, pValues, warnings }, row, line) {
      const at = row * outputs;
      let text = String(line);
      if (isClassifier) {
        const label = indexes[row]!;
        text += `,${classValues[label]!},${labels[label]!},${label}`;
      }
      for (let i = at; i < at + outputs; i++) text += `,${toCell(scores[i]!)}`;
      const pValue = pValues[row]!;
      text += hasGuard && !Number.isNaN(pValue) ? `,${pValue},${pValue <= alpha}` : ",,";
      const listed = warnings?.get(row);
      return `${text},${listed === undefined ? "" : formatCsvCell(listed.map(toShort).join("; "))},\n`;
    },
    encodeError({ message, problems }, line) {
      const listed = problems.map(formatProblem);
      const text = listed.length > 0 ? `${message}: ${listed.join(" ")}` : message;
      return `${line}${empty}${formatCsvCell(text)}\n`;
    },
  };
}

/** Formats a warning as a code and a name: `out_of_range:sepal_length`. */
function toShort(warning: Warning): string {
  if ("feature" in warning) return `${warning.code}:${warning.feature}`;
  return "field" in warning ? `${warning.code}:${warning.field}` : warning.code;
}

function toCell(value: number): string {
  return Number.isFinite(value) ? String(value) : "";
}
