import type { FindHelp } from "./editor/help.ts";
import { toWords } from "./explain.ts";
import { AGGREGATION_TEXTS, FUNCTION_TEXTS } from "./function-texts.ts";
import { findMetadata, type Metadata } from "./metadata.ts";

const KEYWORDS: Readonly<Record<string, string>> = {
  by: "Aggregates for each combination of the listed labels.",
  without: "Aggregates series that differ only in the listed labels.",
  on: "Series are partners if the listed labels are equal.",
  ignoring: "Series are partners if all labels except the listed ones are equal.",
  group_left:
    "Several series on the left may have the same partner on the right; they get the listed labels from it.",
  group_right:
    "Several series on the right may have the same partner on the left; they get the listed labels from it.",
  bool: "A comparison returns 1 or 0 instead of a selection.",
};

/** Creates the help for the words of an expression, from the metadata of metrics and the descriptions of functions. */
export function createWordHelp(metadata: Metadata): FindHelp {
  return ({ kind, text }) => {
    const lower = text.toLowerCase();
    switch (kind) {
      case "metric": {
        const known = findMetadata(metadata, text);
        return known === undefined
          ? undefined
          : { title: text, detail: toTypeText(known), text: known.help };
      }
      case "function": {
        const known = FUNCTION_TEXTS.get(lower);
        return known && { title: `${lower}(${known.args})`, detail: "Function", text: known.text };
      }
      case "aggregation": {
        const known = AGGREGATION_TEXTS.get(lower);
        const title = `${lower} by (label, …) (v)`;
        return known === undefined
          ? undefined
          : { title, detail: "Aggregation", text: `${known} for each group.` };
      }
      case "keyword": {
        const known = KEYWORDS[lower];
        return known === undefined ? undefined : { title: lower, detail: "", text: known };
      }
      case "duration":
        return { title: text, detail: "Duration", text: toWords(text) };
      case "label":
        return { title: text, detail: "Label", text: "" };
    }
  };
}

function toTypeText({
  type,
  unit = "",
}: {
  readonly type: string;
  readonly unit?: string;
}): string {
  const name = type === "" ? "Unknown type" : `${type[0]?.toUpperCase()}${type.slice(1)}`;
  return unit === "" ? name : `${name} in ${unit}`;
}
