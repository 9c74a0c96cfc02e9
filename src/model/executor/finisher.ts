import type { Task } from "../model.ts";
import type { Aggregate, PostTransform, TreeEnsemble } from "../tree-ensemble.ts";

/**
 * Converts the sums of one row to its scores and label, as onnxruntime does.
 *
 * @param sums sum of the votes for each output; overwritten
 * @param voted 1 for each output with a vote; the score of any other output is 0, also when it has a base value
 * @param scores receives the scores from index `row × outputs` on
 * @param labels receives the class index at `row`; unchanged for regression
 */
export type Finisher = (
  sums: Float64Array,
  voted: Uint8Array,
  scores: Float32Array,
  labels: Int32Array,
  row: number,
) => void;

/** The properties of an ensemble that its finisher depends on; can be sent to another thread. */
export interface FinishRules {
  readonly task: Task;
  readonly inputType: TreeEnsemble["inputType"];
  readonly outputs: number;
  readonly trees: number;
  readonly aggregate: Aggregate;
  readonly postTransform: PostTransform;
  readonly baseValues: Float64Array;
  /** True if leaves vote for output 0 and for output 1. */
  readonly votesForBoth: boolean;
  /** True if any weight is negative. */
  readonly hasNegative: boolean;
}

export function toFinishRules(ensemble: TreeEnsemble): FinishRules {
  const { task, inputType, outputs, aggregate, postTransform, baseValues } = ensemble;
  const { voteOutput, voteWeight } = ensemble;
  return {
    task,
    inputType,
    outputs,
    trees: ensemble.roots.length,
    aggregate,
    postTransform,
    baseValues,
    votesForBoth: voteOutput.includes(0) && voteOutput.includes(1),
    hasNegative: voteWeight.some((weight) => weight < 0),
  };
}

export function createFinisher(rules: FinishRules): Finisher {
  if (rules.task === "classification") {
    return rules.outputs === 2 ? createTwoClassFinisher(rules) : createClassFinisher(rules);
  }
  return rules.outputs === 1 ? createTargetFinisher(rules) : createTargetsFinisher(rules);
}

/** Returns the function that rounds the result of an addition or division to the ensemble's type. */
function toRound(rules: FinishRules): (value: number) => number {
  return rules.inputType === "float" ? Math.fround : (value) => value;
}

/** Creates the finisher for one target, where onnxruntime skips the post-transform. */
function createTargetFinisher(rules: FinishRules): Finisher {
  const round = toRound(rules);
  const divisor = toDivisor(rules);
  const base = rules.baseValues[0] ?? 0;
  return (sums, _voted, scores, _labels, row) => {
    scores[row] = round(round(sums[0]! / divisor) + base);
  };
}

function createTargetsFinisher(rules: FinishRules): Finisher {
  const { outputs, aggregate } = rules;
  const round = toRound(rules);
  const divisor = toDivisor(rules);
  // To add 0 turns −0 into 0, which differs from onnxruntime where it adds nothing.
  const isExtreme = aggregate === "MIN" || aggregate === "MAX";
  const addsBase = rules.baseValues.length > 0 || isExtreme;
  const baseValues = addsBase ? toBaseValues(rules) : rules.baseValues;
  const write = createWriter(rules);
  return (sums, voted, scores, _labels, row) => {
    for (let output = 0; output < outputs; output++) {
      const sum = round(sums[output]! / divisor);
      sums[output] = addsBase ? round(sum + baseValues[output]!) : sum;
    }
    write(sums, voted, scores, row * outputs);
  };
}

function toDivisor({ aggregate, trees }: FinishRules): number {
  return aggregate === "AVERAGE" ? trees : 1;
}

function toBaseValues({ baseValues, outputs }: FinishRules): Float64Array {
  return baseValues.length > 0 ? baseValues : new Float64Array(outputs);
}

/**
 * Creates the finisher for three classes or more: the label is the first class with the greatest sum among those with a
 * vote or a base value.
 */
function createClassFinisher(rules: FinishRules): Finisher {
  const { outputs, baseValues } = rules;
  const round = toRound(rules);
  const hasBase = baseValues.length > 0;
  const write = createWriter(rules);
  const all = new Uint8Array(outputs).fill(1);
  return (sums, voted, scores, labels, row) => {
    let label = -1;
    let best = 0;
    for (let output = 0; output < outputs; output++) {
      const isVoted = voted[output] === 1;
      if (hasBase) {
        const base = baseValues[output]!;
        sums[output] = isVoted ? round(sums[output]! + base) : base;
      } else if (!isVoted) {
        continue;
      }
      const sum = sums[output]!;
      if (label < 0 || sum > best) {
        label = output;
        best = sum;
      }
    }
    labels[row] = Math.max(label, 0);
    write(sums, hasBase ? all : voted, scores, row * outputs);
  };
}

/**
 * Creates the finisher for two classes. Converters export votes for output 0 only; their sum s is then the score of the
 * second class. The label is the second class where s > 0.5, or where s > 0 if any weight is negative, and the scores are
 * computed from s.
 *
 * With votes for output 1, the label is the second class where its sum is above 0 (or 0.5, as above). This is the rule of
 * onnxruntime, not argmax.
 */
function createTwoClassFinisher(rules: FinishRules): Finisher {
  const round = toRound(rules);
  const addsToOne = !rules.votesForBoth && !rules.hasNegative;
  const limit = addsToOne ? 0.5 : 0;
  const base = rules.baseValues[0] ?? 0;
  const isLogistic = rules.postTransform === "LOGISTIC";
  const write = createWriter(rules);
  return (sums, voted, scores, labels, row) => {
    if (voted[1] === 1) {
      sums[0] = round(sums[0]! + base);
      labels[row] = sums[1]! > limit ? 1 : 0;
      write(sums, voted, scores, 2 * row);
      return;
    }
    const sum = voted[0] === 1 ? round(sums[0]! + base) : 0;
    labels[row] = sum > limit ? 1 : 0;
    const score = Math.fround(sum);
    if (isLogistic) {
      scores[2 * row] = toLogistic(-score);
      scores[2 * row + 1] = toLogistic(score);
    } else {
      // A row without votes has the score 0, not −0.
      scores[2 * row] = addsToOne ? 1 - sum : voted[0] === 1 ? -score : 0;
      scores[2 * row + 1] = score;
    }
  };
}

type Writer = (sums: Float64Array, voted: Uint8Array, scores: Float32Array, at: number) => void;

/** Creates a writer that rounds sums to float32, also for a double rules, and applies the post-transform in float32. */
function createWriter({ outputs, postTransform }: FinishRules): Writer {
  const transform = TRANSFORMS[postTransform];
  return (sums, voted, scores, at) => {
    for (let output = 0; output < outputs; output++) {
      scores[at + output] = voted[output] === 1 ? sums[output]! : 0;
    }
    transform(scores, at, outputs);
  };
}

type Transform = (scores: Float32Array, at: number, outputs: number) => void;

const TRANSFORMS: Readonly<Record<PostTransform, Transform>> = {
  NONE: () => {},
  LOGISTIC: (scores, at, outputs) => {
    for (let i = at; i < at + outputs; i++) scores[i] = toLogistic(scores[i]!);
  },
  SOFTMAX: (scores, at, outputs) => {
    let greatest = -3.4028234663852886e38;
    for (let i = at; i < at + outputs; i++) {
      const score = scores[i]!;
      if (score > greatest) greatest = score;
    }
    let total = 0;
    for (let i = at; i < at + outputs; i++) {
      const share = Math.fround(Math.exp(Math.fround(scores[i]! - greatest)));
      scores[i] = share;
      total = Math.fround(total + share);
    }
    for (let i = at; i < at + outputs; i++) scores[i] = scores[i]! / total;
  },
};

function toLogistic(score: number): number {
  const exponential = Math.fround(Math.exp(-Math.abs(score)));
  const upper = Math.fround(1 / Math.fround(1 + exponential));
  return score < 0 ? Math.fround(1 - upper) : upper;
}
