import type { Predictions, PredictorBase, Warning } from "../serving.ts";

/**
 * Encodes predictions as JSON. It concatenates parts that are prepared once per model, because a generic serializer takes longer than
 * the prediction itself.
 */
export interface ReplyEncoder {
  /**
   * Encodes the response of `POST /predict`.
   * @param id is not escaped: IDs of `toRequestId` need no escapes
   */
  encodeRow(predictions: Predictions, id: string): string;
  /** Encodes the response of `POST /predict/batch`. */
  encodeBatch(predictions: Predictions, id: string): string;
  /** Encodes one object of that response's `predictions`. */
  encodeItem(predictions: Predictions, row: number): string;
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

/** Not checked does not mean "no outlier". */
const UNCHECKED_VERDICT = '{"p_value":null,"is_outlier":null}';
const NO_WARNINGS: readonly Warning[] = [];

function createReplyEncoder(predictor: PredictorBase): ReplyEncoder {
  const { manifest, outputs, hasGuard, alpha, classValues } = predictor;
  const model = `"model":${JSON.stringify({ name: manifest.name, version: manifest.version })}`;
  const labels = manifest.classes.map((name) => JSON.stringify(name));
  // All of a class's part that does not depend on the row.
  const heads = labels.map(
    (label, i) =>
      `"prediction":${classValues[i]},"label":${label},"class_index":${i},"probabilities":{`,
  );
  const keys = labels.map((label, i) => `${i === 0 ? "" : ","}${label}:`);

  function encodePrediction(predictions: Predictions, row: number): string {
    const { scores } = predictions;
    const at = row * outputs;
    if (manifest.task === "regression") {
      const targets = Array.from(scores.subarray(at, at + outputs), toNumber);
      return `"prediction":${outputs === 1 ? targets[0] : `[${targets.join(",")}]`}`;
    }
    let text = heads[predictions.labels[row]!]!;
    for (let i = 0; i < outputs; i++) text += `${keys[i]}${toNumber(scores[at + i]!)}`;
    return `${text}}`;
  }

  function encodeTrust(predictions: Predictions, row: number): string {
    const warnings = predictions.warnings?.get(row) ?? NO_WARNINGS;
    const listed = warnings.length === 0 ? "[]" : JSON.stringify(warnings);
    const pValue = predictions.pValues[row]!;
    const verdict = !hasGuard
      ? "null"
      : Number.isNaN(pValue)
        ? UNCHECKED_VERDICT
        : `{"p_value":${pValue},"is_outlier":${pValue <= alpha}}`;
    return `"warnings":${listed},"out_of_distribution":${verdict}`;
  }

  function encodeItem(predictions: Predictions, row: number): string {
    return `{${encodePrediction(predictions, row)},${encodeTrust(predictions, row)}}`;
  }

  return {
    encodeItem,
    encodeRow(predictions, id) {
      const prediction = encodePrediction(predictions, 0);
      return `{${prediction},${encodeTrust(predictions, 0)},${model},"id":"${id}"}`;
    },
    encodeBatch(predictions, id) {
      let rows = "";
      for (let row = 0; row < predictions.count; row++) {
        rows += `${row === 0 ? "" : ","}${encodeItem(predictions, row)}`;
      }
      return `{"predictions":[${rows}],${model},"id":"${id}"}`;
    },
  };
}

/** JSON has no NaN and no infinities, which the weights of a regression model may add up to. */
function toNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : "null";
}
