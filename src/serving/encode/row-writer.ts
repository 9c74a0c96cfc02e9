import { formatProblem } from "../../kernel/check.ts";
import { formatCsvCell } from "../../kernel/csv-cell.ts";
import type { TepalError } from "../../kernel/errors.ts";
import { toErrorItems } from "../../kernel/problem-details.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { getReplyEncoder } from "./encode-reply.ts";
import type { Predictions, PredictorBase, RowFormat, Warning } from "../serving.ts";

/** Writes the outcome of each row of a stream as one line. */
export interface RowWriter {
  /** The line before the first row; "" for NDJSON. */
  readonly header: string;
  /** Writes a predicted row. */
  writeRow(writer: ByteWriter, predictions: Predictions, row: number, line: number): void;
  /** Writes a bad row. */
  writeError(writer: ByteWriter, error: TepalError, line: number): void;
}

const COMMA = Buffer.from(",");
const LINE_END = Buffer.from("\n");
const OUTLIER = Buffer.from(",true,");
const NO_OUTLIER = Buffer.from(",false,");
const NO_VERDICT = Buffer.from(",,,");
/** The end of a line, after the warnings: an empty cell for the error. */
const CSV_END = Buffer.from(",\n");

export function createRowWriter(predictor: PredictorBase, format: RowFormat): RowWriter {
  return format === "csv" ? createCsvWriter(predictor) : createJsonWriter(predictor);
}

function createJsonWriter(predictor: PredictorBase): RowWriter {
  const encoder = getReplyEncoder(predictor);
  return {
    header: "",
    writeRow(writer, predictions, row) {
      encoder.writeItem(writer, predictions, row);
      writer.write(LINE_END);
    },
    writeError(writer, { code, message, problems }, line) {
      const errors = toErrorItems(problems);
      const listed = errors.length > 0 ? { errors } : {};
      writer.writeText(
        `${JSON.stringify({ error: { line, code, detail: message, ...listed } })}\n`,
      );
    },
  };
}

/**
 * Writes CSV with the columns line, prediction, label, class_index and probability of each class (or the targets), p_value, is_outlier,
 * warnings, error. Cells without a value are empty. Strings are safe for spreadsheets.
 */
function createCsvWriter(predictor: PredictorBase): RowWriter {
  const { manifest, outputs, hasGuard, alpha, classValues } = predictor;
  const isClassifier = manifest.task === "classification";
  const classes = manifest.classes.map((name, i) =>
    Buffer.from(`,${classValues[i]!},${formatCsvCell(name)},${i}`),
  );
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
    writeRow(writer, { labels: indexes, scores, pValues, warnings }, row, line) {
      const at = row * outputs;
      writer.writeNumber(line);
      if (isClassifier) writer.write(classes[indexes[row]!]!);
      for (let i = at; i < at + outputs; i++) {
        writer.write(COMMA);
        const score = scores[i]!;
        if (Number.isFinite(score)) writer.writeNumber(score);
      }
      const pValue = pValues[row]!;
      if (hasGuard && !Number.isNaN(pValue)) {
        writer.write(COMMA);
        writer.writeNumber(pValue);
        writer.write(pValue <= alpha ? OUTLIER : NO_OUTLIER);
      } else writer.write(NO_VERDICT);
      const listed = warnings?.get(row);
      if (listed !== undefined) writer.writeText(formatCsvCell(listed.map(toShort).join("; ")));
      writer.write(CSV_END);
    },
    writeError(writer, { message, problems }, line) {
      const listed = problems.map(formatProblem);
      const text = listed.length > 0 ? `${message}: ${listed.join(" ")}` : message;
      writer.writeText(`${line}${empty}${formatCsvCell(text)}\n`);
    },
  };
}

/** Formats a warning as a code and a name: `out_of_range:sepal_length`. */
function toShort(warning: Warning): string {
  if ("feature" in warning) return `${warning.code}:${warning.feature}`;
  return "field" in warning ? `${warning.code}:${warning.field}` : warning.code;
}
