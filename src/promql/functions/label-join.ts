import { withLabel } from "../../series/labels.ts";
import { createExecutionError } from "../errors.ts";
import { toStringValue, toVector, type FunctionImplementation } from "../evaluate/evaluation.ts";
import { isLabelName } from "../syntax/label-names.ts";
import { holdRelabelled, relabel } from "./relabel.ts";

/** Sets a label to the joined values of other labels. */
export const labelJoin: FunctionImplementation = ({ budget }, args) => {
  const [target = "", separator = "", ...sources] = args.slice(1).map(toStringValue);
  const wrong = sources.find((source) => !isLabelName(source));
  if (wrong !== undefined) {
    throw createExecutionError(`invalid source label name in label_join(): ${wrong}`);
  }
  if (!isLabelName(target)) {
    throw createExecutionError(`invalid destination label name in label_join(): ${target}`);
  }
  return relabel(toVector(args[0]).columns, target, (labels) => {
    budget.spend(sources.length);
    const values = sources.map((source) => labels.get(source) ?? "");
    const separators = Math.max(0, values.length - 1) * separator.length;
    const joined = values.reduce((sum, value) => sum + value.length, separators);
    holdRelabelled(budget, labels, target, joined);
    return withLabel(labels, target, values.join(separator));
  });
};
