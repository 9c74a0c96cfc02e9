import { toMessage } from "../../kernel/errors.ts";
import { withLabel } from "../../series/labels.ts";
import { compileRegex, type AnchoredMatch, type AnchoredRegex } from "../../series/regex.ts";
import { createExecutionError } from "../errors.ts";
import { toStringValue, toVector, type FunctionImplementation } from "../evaluate/evaluation.ts";
import { isLabelName } from "../syntax/label-names.ts";
import { relabel } from "./relabel.ts";

/** Sets a label to a template with `$1` or `${name}` if the whole value of the source label matches a pattern. */
export const labelReplace: FunctionImplementation = ({ budget }, args) => {
  const [target = "", replacement = "", source = "", pattern = ""] = args
    .slice(1)
    .map(toStringValue);
  const regex = compile(pattern);
  if (!isLabelName(target)) {
    throw createExecutionError(`invalid destination label name in label_replace(): ${target}`);
  }
  // Groups always need the engine, even for patterns that are otherwise matched without it.
  const cost = Math.max(regex.cost, pattern.length);
  return relabel(toVector(args[0]).columns, target, (labels) => {
    const value = labels.get(source) ?? "";
    budget.spend(cost * (value.length + 1));
    const match = regex.groups(value);
    return match === null ? labels : withLabel(labels, target, expand(replacement, match));
  });
};

function compile(pattern: string): AnchoredRegex {
  try {
    return compileRegex(pattern);
  } catch (error) {
    throw createExecutionError(
      `invalid regular expression in label_replace(): ${pattern}: ${toMessage(error)}`,
    );
  }
}

/**
 * Expands as Go's Regexp.Expand: a name is as long as possible, so `$1_x` is the group named `1_x`, as `$01` is the
 * group named `01`; `$$` is a dollar.
 */
const REFERENCE = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;

function expand(template: string, { all, named }: AnchoredMatch): string {
  return template.replaceAll(REFERENCE, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return "$";
    if (/^(?:0|[1-9]\d*)$/.test(name)) return all[Number(name)] ?? "";
    return Object.hasOwn(named, name) ? (named[name] ?? "") : "";
  });
}
