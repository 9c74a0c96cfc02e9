import type { Predictions, Predictor, Warning } from "../serving.ts";

/**
 * Writes prediction replies as JSON text. Put together by hand from parts that are prepared once a
 * model, because a generic serialiser takes longer than the prediction itself.
 */
export interface ReplyEncoder {
  /**
   * The reply of `POST /predict`.
   * @param id is written as it stands: what `toRequestId` gives needs no escapes
   */
  encodeRow(predictions: Predictions, id: string): string;
  /** The reply of `POST /predict/batch`. */
  encodeBatch(predictions: Predictions, id: string): string;
  /** One of the objects in that reply's `predictions`. */
  encodeItem(predictions: Predictions, row: number): string;
}

const encoders = new WeakMap<Predictor, ReplyEncoder>();

/** The encoder of a predictor; made at its first use. */
export function getReplyEncoder(predictor: Predictor): ReplyEncoder {
  let encoder = encoders.get(predictor);
  if (encoder === undefined) {
    encoder = createReplyEncoder(predictor);
    encoders.set(predictor, encoder);
  }
  return encoder;
}

const NO_WARNINGS: readonly Warning[] = [];

function createReplyEncoder(predictor: Predictor): ReplyEncoder {
  const { manifest, outputs, hasGuard, alpha } = predictor;
  const model = `"model":${JSON.stringify({ name: manifest.name, version: manifest.version })}`;
  const labels = manifest.classes.map((name) => JSON.stringify(name));
  const keys = labels.map((label, i) => `${i === 0 ? "" : ","}${label}:`);

  function encodePrediction(predictions: Predictions, row: number): string {
    const { scores } = predictions;
    const at = row * outputs;
    if (manifest.task === "regression") {
      const targets = Array.from(scores.subarray(at, at + outputs), toNumber);
      return `"prediction":${outputs === 1 ? targets[0] : `[${targets.join(",")}]`}`;
    }
    const label = predictions.labels[row] ?? 0;
    let text = `"prediction":${label},"label":${labels[label] ?? "null"},"probabilities":{`;
    for (let i = 0; i < outputs; i++) text += `${keys[i]}${toNumber(scores[at + i] ?? 0)}`;
    return `${text}}`;
  }

  function encodeJudgement(predictions: Predictions, row: number): string {
    const warnings = predictions.warnings?.get(row) ?? NO_WARNINGS;
    const listed = warnings.length === 0 ? "[]" : JSON.stringify(warnings);
    const pValue = predictions.pValues[row] ?? Number.NaN;
    const judged = hasGuard
      ? `{"p_value":${Number.isNaN(pValue) ? "null" : pValue},"is_outlier":${pValue <= alpha}}`
      : "null";
    return `"warnings":${listed},"out_of_distribution":${judged}`;
  }

  function encodeItem(predictions: Predictions, row: number): string {
    return `{${encodePrediction(predictions, row)},${encodeJudgement(predictions, row)}}`;
  }

  return {
    encodeItem,
    encodeRow(predictions, id) {
      const prediction = encodePrediction(predictions, 0);
      return `{${prediction},${encodeJudgement(predictions, 0)},${model},"id":"${id}"}`;
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

/** JSON has no NaN and no infinities, which a regression model's weights may add up to. */
function toNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : "null";
}
