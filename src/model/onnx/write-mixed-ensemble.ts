import type { TreeEnsemble } from "../tree-ensemble.ts";
import { encodeModel } from "./encode-model.ts";
import { ELEMENT_TYPES, ML_DOMAIN, type OnnxNode, type OnnxValue } from "./onnx.ts";
import {
  IR_VERSION,
  toHeader,
  toOutputs,
  toTreeNode,
  type EncodeOptions,
} from "./write-tree-ensemble.ts";

/** A column of an ensemble, as the graph receives it. */
export interface MixedInput {
  /** Name of the graph's input. */
  readonly name: string;
  /** The values whose places are the codes of the column, all strings or all integers; null for a column of numbers. */
  readonly categories: readonly (string | number)[] | null;
  /** True if training had missing values: an empty string, or NaN. */
  readonly nullable: boolean;
}

/**
 * Encodes an ensemble over codes as an ONNX file that takes raw values: one input of N × 1 for each feature, strings as strings. A
 * LabelEncoder replaces the values of a category by its codes, an unknown value by the number of categories.
 *
 * The trees stay a TreeEnsembleClassifier or TreeEnsembleRegressor, with a chain of comparisons for each set of codes: the operator
 * TreeEnsemble of ai.onnx.ml 5 has tests of membership, but no label, and older versions of onnxruntime lack it.
 */
export function encodeMixedEnsemble(
  ensemble: TreeEnsemble,
  inputs: readonly MixedInput[],
  options: EncodeOptions,
): Uint8Array {
  const names = new Set(inputs.map(({ name }) => name));
  const outputs = toOutputs(ensemble).map((output) => ({
    ...output,
    name: toFree(output.name, names),
  }));
  const code = toFree("code", names);
  const encoders = inputs.flatMap((input, i) => toEncoder(input, `${code}:${i}`));
  const hasIntegers = inputs.some(({ categories }) => typeof categories?.[0] === "number");
  const row = toFree("row", names);
  return encodeModel({
    ...toHeader(options),
    irVersion: IR_VERSION,
    opsets: [
      { domain: "", version: 13 },
      // Before version 4, an encoder does not find NaN.
      { domain: ML_DOMAIN, version: hasIntegers ? 4 : 3 },
    ],
    graph: {
      name: "tree_ensemble",
      inputs: inputs.map(toInput),
      outputs,
      initializers: [],
      nodes: [
        ...encoders,
        {
          name: "row",
          opType: "Concat",
          domain: "",
          inputs: inputs.map(({ name, categories }, i) =>
            categories === null ? name : `${code}:${i}`,
          ),
          outputs: [row],
          attributes: [{ name: "axis", value: { kind: "int", value: 1 } }],
        },
        toTreeNode(
          ensemble,
          row,
          outputs.map(({ name }) => name),
        ),
      ],
    },
  });
}

/** Returns a name with which no name of an input begins. */
function toFree(name: string, taken: ReadonlySet<string>): string {
  const isTaken = taken.values().some((other) => other.startsWith(name));
  return isTaken ? toFree(`${name}_`, taken) : name;
}

function toInput({ name, categories }: MixedInput): OnnxValue {
  const isString = categories !== null && typeof categories[0] !== "number";
  const elementType = isString ? ELEMENT_TYPES.string : ELEMENT_TYPES.float;
  return { name, elementType, shape: [undefined, 1] };
}

function toEncoder({ name, categories, nullable }: MixedInput, output: string): OnnxNode[] {
  if (categories === null) return [];
  const codes = [...categories.keys(), ...(nullable ? [Number.NaN] : [])];
  const strings = categories.filter((value) => typeof value === "string");
  const integers = categories.filter((value) => typeof value === "number");
  return [
    {
      name: output,
      opType: "LabelEncoder",
      domain: ML_DOMAIN,
      inputs: [name],
      outputs: [output],
      attributes: [
        { name: "default_float", value: { kind: "float", value: categories.length } },
        integers.length > 0
          ? {
              name: "keys_floats",
              value: { kind: "floats", value: nullable ? [...integers, Number.NaN] : integers },
            }
          : {
              name: "keys_strings",
              value: { kind: "strings", value: nullable ? [...strings, ""] : strings },
            },
        { name: "values_floats", value: { kind: "floats", value: codes } },
      ],
    },
  ];
}
