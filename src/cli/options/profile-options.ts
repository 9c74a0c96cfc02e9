import { formatDuration } from "../../kernel/duration.ts";
import type { OptionDeclaration, OptionDeclarations } from "../../kernel/options.ts";
import type { Field } from "../../load/contract/field.ts";
import { PROFILES } from "../../load/profiles/profiles.ts";

/** The value of `--shape` for a profile that it does not select. */
export const NO_SHAPE = "none";

/** The options of `tepal load` that select a load profile and set its fields, made from the profiles. */
export const PROFILE_OPTIONS: OptionDeclarations = {
  shape: {
    type: "choice",
    choices: [
      NO_SHAPE,
      ...PROFILES.filter(({ selectedBy }) => selectedBy.includes("shape")).map(({ kind }) => kind),
    ],
    default: NO_SHAPE,
    help: "Number of users over time, in stages; custom: from the script",
  },
  ...Object.fromEntries(
    PROFILES.flatMap(({ fields }) => Object.values(fields)).flatMap((field) => {
      const name = field["x-option"];
      return name === undefined ? [] : [[name, toOption(name, field)]];
    }),
  ),
};

function toOption(name: string, field: Field): OptionDeclaration {
  const { description: help } = field;
  // An option that selects a profile has a value that selects none.
  const isSelecting = PROFILES.some(({ selectedBy }) => selectedBy.includes(name));
  if (field.type === "boolean") return { type: "switch", default: field.default, help };
  if (isDuration(field)) {
    return isSelecting
      ? { type: "optional string", placeholder: "TIME", default: null, help }
      : {
          type: "string",
          placeholder: "TIME",
          default: formatDuration(field.default * 1_000),
          help,
        };
  }
  const { type, minimum: min, maximum: max } = field;
  return { type, min, max, default: isSelecting ? 0 : field.default, help };
}

function isDuration(field: Field): boolean {
  return "format" in field && field.format === "duration";
}
