import { parsePattern } from "../field-config.ts";
import type { Field } from "../frames.ts";
import { asFlag, asNumber, asObject, asText } from "../json.ts";
import { nameField, type Transform } from "./parts.ts";

/** Leaves fields out, orders and renames them. */
export const organize: Transform = (frames, options) => {
  const excluded = asObject(options["excludeByName"]);
  const included = asObject(options["includeByName"]);
  const order = asObject(options["indexByName"]);
  const names = asObject(options["renameByName"]);
  const hasIncluded = Object.values(included).some((flag) => asFlag(flag));
  return frames.map((frame) => {
    const at = (field: Field): number =>
      asNumber(order[nameField(frame, field)]) ?? Number.MAX_SAFE_INTEGER;
    const fields = frame.fields
      .filter((field) => {
        const name = nameField(frame, field);
        return !asFlag(excluded[name]) && (!hasIncluded || asFlag(included[name]));
      })
      .toSorted((a, b) => at(a) - at(b))
      .map((field) => rename(field, asText(names[nameField(frame, field)])));
    return { ...frame, fields };
  });
};

function rename(field: Field, name: string): Field {
  return name === "" ? field : { ...field, displayName: name };
}

/** Renames fields by a regular expression. */
export const renameByRegex: Transform = (frames, options) => {
  const pattern = parsePattern(asText(options["regex"]));
  if (pattern === undefined) return frames;
  const replacement = asText(options["renamePattern"]);
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const name = nameField(frame, field);
      const renamed = name.replace(pattern, replacement);
      return renamed === name ? field : rename(field, renamed);
    }),
  }));
};
