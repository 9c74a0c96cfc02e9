import { ML_DOMAIN } from "../../onnx/onnx.ts";
import type { Compile } from "../pipeline-builder.ts";
import { ENCODER_RULES } from "./encoders.ts";
import { GATHER_RULES, ML_GATHER_RULES } from "./gathers.ts";
import { GROUP_RULES } from "./groups.ts";
import { MODEL_RULES } from "./models.ts";
import { NUMBER_RULES } from "./numbers.ts";
import { SHAPE_RULES } from "./shapes.ts";

/** Rules by domain and operator. */
const RULES: ReadonlyMap<string, Readonly<Record<string, Compile>>> = new Map([
  ["", { ...SHAPE_RULES, ...GATHER_RULES, ...NUMBER_RULES, ...GROUP_RULES }],
  [ML_DOMAIN, { ...ML_GATHER_RULES, ...ENCODER_RULES, ...MODEL_RULES }],
]);

/** The versions whose operators these rules compute: opset 7 brought broadcasting, and 24 is the latest that onnxruntime 1.32 reads. */
export const VERSIONS: ReadonlyMap<string, readonly [first: number, last: number]> = new Map([
  ["", [7, 24]],
  [ML_DOMAIN, [1, 5]],
]);

/** Returns the rule of an operator; undefined if there is none. */
export function findRule(domain: string, operator: string): Compile | undefined {
  const rules = RULES.get(domain);
  return rules !== undefined && Object.hasOwn(rules, operator) ? rules[operator] : undefined;
}
