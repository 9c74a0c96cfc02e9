import type { ClassLabels } from "../model.ts";
import { findAttribute, toCastType, type TreeNode } from "./find-tree-node.ts";
import { ELEMENT_TYPES, type OnnxNode, toUnsupported } from "./onnx.ts";

const ADVICE = "Export it with the outputs as the converter makes them.";

/**
 * Makes sure that the nodes behind the tree operator change no answer but its wrapping.
 *
 * @throws TepalError MODEL_UNSUPPORTED
 */
export function checkOutputNodes(found: TreeNode, classes: ClassLabels): void {
  const isRegression = found.task === "regression";
  for (const node of found.afterLabel) {
    if (isRegression) checkScoreNode(node);
    else checkLabelNode(node, classes);
  }
  for (const node of found.afterScores) {
    if (node.opType === "ZipMap") checkZipMap(node, classes);
    else checkScoreNode(node);
  }
}

function checkScoreNode(node: OnnxNode): void {
  if (node.opType === "Identity" || node.opType === "Mul") return;
  if (node.opType === "Cast") {
    const to = toCastType(node);
    if (to === ELEMENT_TYPES.float || to === ELEMENT_TYPES.double) return;
    throw toUnsupported(`The ONNX graph casts its scores to element type ${to}`, ADVICE);
  }
  throw toUnsupported(`The ONNX graph has ${node.opType} where no scores are`, ADVICE);
}

function checkLabelNode(node: OnnxNode, classes: ClassLabels): void {
  if (node.opType === "Identity") return;
  if (node.opType === "Cast") {
    const to = toCastType(node);
    const isString = typeof classes[0] === "string";
    if (isString ? to === ELEMENT_TYPES.string : to === ELEMENT_TYPES.int64) return;
    throw toUnsupported(`The ONNX graph casts its labels to element type ${to}`, ADVICE);
  }
  throw toUnsupported(`The ONNX graph has ${node.opType} behind its labels`, ADVICE);
}

/** ZipMap pairs scores with names of its own, which may in theory be others than the classifier's. */
function checkZipMap(node: OnnxNode, classes: ClassLabels): void {
  const strings = findAttribute(node, "classlabels_strings")?.value;
  const numbers = findAttribute(node, "classlabels_int64s")?.value;
  const names =
    strings?.kind === "strings" && strings.value.length > 0
      ? strings.value
      : numbers?.kind === "ints"
        ? numbers.value
        : [];
  if (names.length === classes.length && classes.every((label, i) => label === names[i])) return;
  throw toUnsupported("ZipMap names the classes otherwise than the classifier does", ADVICE);
}
