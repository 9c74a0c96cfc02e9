import { toFlagName } from "../../config/names.ts";
import type { InputProblems } from "../../kernel/check.ts";
import { fromSchema } from "../../kernel/check/schema.ts";
import type { OptionDeclarations, OptionValues } from "../../kernel/options.ts";
import type { ScriptDescription } from "../../load/contract/script-description.ts";
import type { LoadProfile, ProfileOptions } from "../../load/profiles/profile.ts";
import { PROFILES } from "../../load/profiles/profiles.ts";
import { PROFILE_OPTIONS } from "../options/profile-options.ts";

/**
 * Selects the load profile by the options that are set, and reads its fields from them.
 *
 * @param isGiven returns true if the user gave the option
 */
export function selectProfile(
  options: OptionValues<OptionDeclarations>,
  script: Pick<ScriptDescription, "has_shape">,
  isGiven: (name: string) => boolean,
  problems: InputProblems,
): ProfileOptions {
  const isSet = (name: string): boolean => options[name] !== PROFILE_OPTIONS[name]?.default;
  if (isSet("shape") && isSet("rate")) {
    problems.add("--rate", "It sets an open model, --shape a closed one. Set only one of them.");
  }
  if (!isSet("rate")) {
    for (const name of OPEN_OPTIONS) {
      if (isGiven(name)) problems.add(toFlag(name), "It requires --rate.");
    }
  }
  const profile = findSelected(options, script, isGiven, isSet);
  const fields = Object.entries(profile.fields).map(([name, field]) => {
    const option = field["x-option"] ?? name;
    const source = { at: toFlag(option), coerce: true };
    return [name, problems.read(fromSchema(field), options[option], source)];
  });
  return { kind: profile.kind, ...Object.fromEntries(fields) };
}

/** Returns the profile of which most options are set. */
function findSelected(
  options: OptionValues<OptionDeclarations>,
  script: Pick<ScriptDescription, "has_shape">,
  isGiven: (name: string) => boolean,
  isSet: (name: string) => boolean,
): LoadProfile {
  const isSelected = ({ kind, selectedBy, needsShape }: LoadProfile): boolean =>
    selectedBy.includes("shape")
      ? options["shape"] === kind ||
        // A script that has a shape is run with it.
        (needsShape && script.has_shape && !isGiven("users") && !isSet("shape") && !isSet("rate"))
      : selectedBy.every(isSet);
  const [best = PROFILES[0]!] = PROFILES.filter(isSelected).toSorted(
    (a, b) => b.selectedBy.length - a.selectedBy.length,
  );
  return best;
}

/** Options of open models only, beside the one that sets the rate. */
const OPEN_OPTIONS = listOptions("open").filter(
  (name) => name !== "rate" && !listOptions("closed").includes(name),
);

function listOptions(model: LoadProfile["model"]): readonly string[] {
  const fields = PROFILES.filter((profile) => profile.model === model).flatMap((profile) =>
    Object.values(profile.fields),
  );
  return [...new Set(fields.flatMap((field) => field["x-option"] ?? []))];
}

/** Returns the flag of a field of a profile. */
export function toProfileFlag(profile: ProfileOptions, field: string): string {
  const { fields } = PROFILES.find(({ kind }) => kind === profile.kind)!;
  return field === "kind" ? toFlag("shape") : toFlag(fields[field]?.["x-option"] ?? field);
}

export function toFlag(option: string): string {
  return `--${toFlagName(option)}`;
}
