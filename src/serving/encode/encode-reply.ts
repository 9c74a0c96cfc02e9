import type { Predictions, PredictorBase } from "../serving.ts";
import { ByteWriter } from "./byte-writer.ts";

/**
 * Encodes predictions as JSON. It writes parts that are prepared once per model, because a generic serializer takes longer than
 * the prediction itself.
 */
export interface ReplyEncoder {
  /**
   * Encodes the response of `POST /predict`.
   * @param id is not escaped: IDs of `toRequestId` need no escapes
   */
  encodeRow(predictions: Predictions, id: string): string;
  /** Encodes the response of `POST /predict/batch`, in UTF-8. */
  encodeBatch(predictions: Predictions, id: string): Buffer;
  /** Writes one object of that response's `predictions`. */
  writeItem(writer: ByteWriter, predictions: Predictions, row: number): void;
}

const encoders = new WeakMap<PredictorBase, ReplyEncoder>();

/** Returns the encoder of a predictor, and creates it at its first use. */
export function getReplyEncoder(predictor: PredictorBase): ReplyEncoder {
  let encoder = encoders.get(predictor);
  if (encoder === undefined) {
    encoder = createReplyEncoder(predictor);
    encoders.set(predictor, encoder);
  }
  return encoder;
}

const CLOSE = Buffer.from("}");
const COMMA = Buffer.from(",");
const NULL = Buffer.from("null");
const BATCH = Buffer.from('{"predictions":[');
const WARNINGS = Buffer.from(',"warnings":');
const OUTLIER = Buffer.from(',"is_outlier":true}');
const NO_OUTLIER = Buffer.from(',"is_outlier":false}');

function createReplyEncoder(predictor: PredictorBase): ReplyEncoder {
  const { manifest, outputs, hasGuard, alpha } = predictor;
  const model = `"model":${JSON.stringify({ name: manifest.name, version: manifest.version })}`;
  const { heads, separators, end } = prepareParts(predictor);
  const plain = prepareVerdict(`${end},"warnings":[]`);
  const afterWarnings = prepareVerdict("");
  const endBytes = Buffer.from(end);
  const writer = new ByteWriter();

  function writeFields(to: ByteWriter, predictions: Predictions, row: number): void {
    const { scores, labels, pValues, warnings } = predictions;
    const at = row * outputs;
    to.write(heads[heads.length === 1 ? 0 : labels[row]!]!);
    writeNumber(to, scores[at]!);
    for (let i = 1; i < outputs; i++) {
      to.write(separators[i]!);
      writeNumber(to, scores[at + i]!);
    }
    const listed = warnings?.get(row);
    if (listed !== undefined) {
      to.write(endBytes);
      to.write(WARNINGS);
      to.writeText(JSON.stringify(listed));
    }
    const verdict = listed === undefined ? plain : afterWarnings;
    const pValue = pValues[row]!;
    if (!hasGuard) to.write(verdict.none);
    else if (Number.isNaN(pValue)) to.write(verdict.unchecked);
    else {
      to.write(verdict.pValue);
      to.writeNumber(pValue);
      to.write(pValue <= alpha ? OUTLIER : NO_OUTLIER);
    }
  }

  function writeItem(to: ByteWriter, predictions: Predictions, row: number): void {
    writeFields(to, predictions, row);
    to.write(CLOSE);
  }

  return {
    writeItem,
    encodeRow(predictions, id) {
      writer.clear();
      writeFields(writer, predictions, 0);
      return `${writer.takeText()},${model},"id":"${id}"}`;
    },
    encodeBatch(predictions, id) {
      const { count } = predictions;
      writer.clear();
      writer.write(BATCH);
      for (let row = 0; row < count; row++) {
        if (row > 0) writer.write(COMMA);
        writeItem(writer, predictions, row);
      }
      writer.writeText(`],${model},"id":"${id}"}`);
      return writer.take();
    },
  };
}

/** The parts of an item that do not depend on its row, around its numbers. */
interface Parts {
  /** The bytes up to the first number, by class; one entry for regression. */
  readonly heads: readonly Buffer[];
  /** The bytes before each further number. */
  readonly separators: readonly Buffer[];
  /** The bytes after the numbers. */
  readonly end: string;
}

function prepareParts({ manifest, outputs, classValues }: PredictorBase): Parts {
  if (manifest.task === "regression") {
    const separators = Array.from({ length: outputs }, () => COMMA);
    return outputs === 1
      ? { heads: [Buffer.from('{"prediction":')], separators, end: "" }
      : { heads: [Buffer.from('{"prediction":[')], separators, end: "]" };
  }
  const labels = manifest.classes.map((name) => JSON.stringify(name));
  const heads = labels.map((label, i) =>
    Buffer.from(
      `{"prediction":${classValues[i]},"label":${label},"class_index":${i},"probabilities":{${labels[0]}:`,
    ),
  );
  return { heads, separators: labels.map((label) => Buffer.from(`,${label}:`)), end: "}" };
}

/** Prepares the verdict of the trust check. @param before the string before it */
function prepareVerdict(before: string) {
  const prepare = (text: string): Buffer => Buffer.from(`${before},"out_of_distribution":${text}`);
  return {
    none: prepare("null"),
    // Not checked does not mean "no outlier".
    unchecked: prepare('{"p_value":null,"is_outlier":null}'),
    pValue: prepare('{"p_value":'),
  };
}

/** JSON has no NaN and no infinities, which the weights of a regression model may add up to. */
function writeNumber(to: ByteWriter, value: number): void {
  if (Number.isFinite(value)) to.writeNumber(value);
  else to.write(NULL);
}
