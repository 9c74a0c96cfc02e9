import { toMessage } from "../../kernel/errors.ts";
import { withLabel } from "../../series/labels.ts";
import { compileRegex, type AnchoredMatch, type AnchoredRegex } from "../../series/regex.ts";
import { createExecutionError } from "../errors.ts";
import { toStringValue, toVector, type FunctionImplementation } from "../evaluate/evaluation.ts";
import { isLabelName } from "../syntax/label-names.ts";
import { holdRelabelled, relabel } from "./relabel.ts";

/** Cost of an instruction when it is compiled, compared with a sample that is read. */
const COMPILE_COST = 10;

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
  // Its compilation takes time too.
  budget.spend(COMPILE_COST * regex.cost);
  const template = parseTemplate(replacement);
  return relabel(toVector(args[0]).columns, target, (labels) => {
    const value = labels.get(source) ?? "";
    budget.spend(cost * (value.length + 1) + template.length);
    const match = regex.groups(value);
    if (match === null) return labels;
    const parts = template.map((part) => part(match));
    const expanded = parts.reduce((sum, part) => sum + part.length, 0);
    holdRelabelled(budget, labels, target, expanded);
    return withLabel(labels, target, parts.join(""));
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
 * A reference as in Go's Regexp.Expand: a name is as long as possible, so `$1_x` is the group named `1_x`, as `$01` is the
 * group named `01`; `$$` is a dollar.
 */
const REFERENCE = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;

/** Returns the parts of an expansion, so that its length is known before the string is made. */
function parseTemplate(template: string): readonly ((match: AnchoredMatch) => string)[] {
  const parts: ((match: AnchoredMatch) => string)[] = [];
  let end = 0;
  for (const { 0: all, index, 1: braced, 2: bare } of template.matchAll(REFERENCE)) {
    const literal = template.slice(end, index);
    if (literal !== "") parts.push(() => literal);
    parts.push(toReference(braced ?? bare));
    end = index + all.length;
  }
  const rest = template.slice(end);
  if (rest !== "") parts.push(() => rest);
  return parts;
}

function toReference(name: string | undefined): (match: AnchoredMatch) => string {
  if (name === undefined) return () => "$";
  if (/^(?:0|[1-9]\d*)$/.test(name)) return ({ all }) => all[Number(name)] ?? "";
  return ({ named }) => (Object.hasOwn(named, name) ? (named[name] ?? "") : "");
}
