import type { ClassLabels } from "../model.ts";
import { findAttribute, toCastType, type TreeNode } from "./find-tree-node.ts";
import {
  ELEMENT_TYPES,
  formatElementType,
  formatNode,
  type OnnxNode,
  toUnsupported,
} from "./onnx.ts";

const ADVICE = "Export the model with the outputs that the converter creates by default.";

/**
 * Checks that the nodes after the tree operator change no number and no label.
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
    const message = `Expected a conversion of scores to float or double, got ${formatElementType(to)}.`;
    throw toUnsupported(formatNode(node), message, ADVICE);
  }
  throw toUnsupported(formatNode(node), "Expected only Identity, Mul or Cast here.", ADVICE);
}

function checkLabelNode(node: OnnxNode, classes: ClassLabels): void {
  if (node.opType === "Identity") return;
  if (node.opType === "Cast") {
    const to = toCastType(node);
    const type = typeof classes[0] === "string" ? "string" : "int64";
    if (to === ELEMENT_TYPES[type]) return;
    const message = `Expected a conversion of labels to ${type}, got ${formatElementType(to)}.`;
    throw toUnsupported(formatNode(node), message, ADVICE);
  }
  throw toUnsupported(formatNode(node), "Expected only Identity or Cast after the label.", ADVICE);
}

/** Checks that ZipMap, which has class names of its own, uses those of the classifier. */
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
  throw toUnsupported(formatNode(node), "Expected the class names of the classifier.", ADVICE);
}
