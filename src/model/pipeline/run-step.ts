import { createBinary, createClip, createUnary, createWhere } from "./run-elements.ts";
import {
  createBinarize,
  createEncode,
  createImpute,
  createNormalize,
  createOneHot,
  createScale,
} from "./run-encoders.ts";
import { createArg, createReduce, createSoftmax, createTop } from "./run-groups.ts";
import { createLinear, createProduct } from "./run-linear.ts";
import { createCast, createGather, createLookup } from "./run-moves.ts";
import { createSupport } from "./run-support.ts";
import { createTrees } from "./run-trees.ts";
import type { Step } from "./pipeline.ts";
import type { Resolve, Run } from "./slots.ts";

/** Creates the loop of a step. @param maxRows greatest count */
export function createStep(step: Step, resolve: Resolve, maxRows: number): Run {
  switch (step.kind) {
    case "gather":
      return createGather(step, resolve);
    case "lookup":
      return createLookup(step, resolve);
    case "binary":
      return createBinary(step, resolve);
    case "unary":
      return createUnary(step, resolve);
    case "clip":
      return createClip(step, resolve);
    case "where":
      return createWhere(step, resolve);
    case "cast":
      return createCast(step, resolve);
    case "reduce":
      return createReduce(step, resolve);
    case "softmax":
      return createSoftmax(step, resolve);
    case "arg":
      return createArg(step, resolve);
    case "top":
      return createTop(step, resolve);
    case "product":
      return createProduct(step, resolve);
    case "scale":
      return createScale(step, resolve);
    case "impute":
      return createImpute(step, resolve);
    case "normalize":
      return createNormalize(step, resolve);
    case "oneHot":
      return createOneHot(step, resolve);
    case "encode":
      return createEncode(step, resolve);
    case "binarize":
      return createBinarize(step, resolve);
    case "linear":
      return createLinear(step, resolve);
    case "support":
      return createSupport(step, resolve);
    case "trees":
      return createTrees(step, resolve, maxRows);
  }
}
