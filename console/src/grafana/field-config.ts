import { parseLinks, type Link } from "./dashboard-links.ts";
import {
  asFlag,
  asList,
  asNumber,
  asObject,
  asObjects,
  asText,
  asTexts,
  type Json,
} from "./json.ts";

export interface ThresholdStep {
  /** −∞ for the base. */
  readonly from: number;
  readonly colour: string;
}

export interface Thresholds {
  readonly mode: "absolute" | "percentage";
  readonly steps: readonly ThresholdStep[];
}

export interface ColourMode {
  /** For example `thresholds`, `palette-classic`, `fixed` or `continuous-GrYlRd`; empty if unset. */
  readonly mode: string;
  readonly fixed: string;
  /** Which value decides the color of a series. */
  readonly seriesBy: string;
}

export interface MappingResult {
  readonly text?: string;
  readonly colour?: string;
}

/** Replaces values by strings and colors. */
export type Mapping =
  | { readonly type: "value"; readonly options: Readonly<Record<string, MappingResult>> }
  | {
      readonly type: "range";
      readonly from: number;
      readonly to: number;
      readonly result: MappingResult;
    }
  | { readonly type: "regex"; readonly pattern: string; readonly result: MappingResult }
  | { readonly type: "special"; readonly match: string; readonly result: MappingResult };

/** The settings of a field, after all overrides. */
export interface FieldConfig {
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly displayName?: string;
  readonly noValue?: string;
  readonly thresholds?: Thresholds;
  readonly colour?: ColourMode;
  readonly mappings?: readonly Mapping[];
  /** URLs of a value, with `${__value.raw}` and others in them. */
  readonly links?: readonly Link[];
  /** True if the field's own values are its range, not those of all fields. */
  readonly isOwnRange?: boolean;
  /** Options of the panel type, for example lineWidth. */
  readonly custom: Json;
}

/** A setting of an override, or of the defaults: `unit`, `custom.lineWidth`. */
export interface Property {
  readonly id: string;
  readonly value: unknown;
}

export interface Override {
  readonly matcher: Matcher;
  readonly properties: readonly Property[];
}

export type Matcher =
  | { readonly by: "name"; readonly names: readonly string[]; readonly isExcluded: boolean }
  | { readonly by: "regexp"; readonly pattern: RegExp }
  | { readonly by: "type"; readonly type: string }
  | { readonly by: "refId"; readonly refId: string }
  | {
      readonly by: "value";
      readonly reducer: string;
      readonly op: string;
      readonly value: number;
    }
  | { readonly by: "unknown" };

/** The properties of a field that matchers compare. */
export interface MatchInput {
  readonly names: readonly string[];
  readonly type: string;
  readonly refId: string;
  readonly reduce: (reducer: string) => number | null;
}

/** Returns the config of a field: defaults, then the overrides that match, later ones over earlier ones. */
export function resolveConfig(
  defaults: Json,
  overrides: readonly Override[],
  input: MatchInput,
): FieldConfig {
  const raw: Record<string, unknown> = { ...defaults, custom: { ...asObject(defaults["custom"]) } };
  for (const { matcher, properties } of overrides) {
    if (!matches(matcher, input)) continue;
    for (const { id, value } of properties) applyProperty(raw, id, value);
  }
  return parseFieldConfig(raw);
}

function applyProperty(raw: Record<string, unknown>, id: string, value: unknown): void {
  const isCustom = id.startsWith("custom.");
  const target = isCustom ? (raw["custom"] as Record<string, unknown>) : raw;
  const name = isCustom ? id.slice("custom.".length) : id;
  if (value === null || value === undefined) delete target[name];
  // Lists are put before those there.
  else if (Array.isArray(value)) target[name] = [...value, ...asList(target[name])];
  else target[name] = value;
}

export function parseFieldConfig(raw: Json): FieldConfig {
  const [min, max] = [asNumber(raw["min"]), asNumber(raw["max"])];
  const isSwapped = min !== undefined && max !== undefined && min > max;
  const decimals = asNumber(raw["decimals"]);
  const unit = asText(raw["unit"]);
  return {
    ...(unit !== "" && { unit }),
    ...(decimals !== undefined && { decimals }),
    ...(min !== undefined && { min: isSwapped ? max : min }),
    ...(max !== undefined && { max: isSwapped ? min : max }),
    ...optionalText("displayName", raw["displayName"]),
    ...optionalText("noValue", raw["noValue"]),
    ...(raw["thresholds"] !== undefined && { thresholds: parseThresholds(raw["thresholds"]) }),
    ...(raw["color"] !== undefined && { colour: parseColour(raw["color"]) }),
    ...(raw["mappings"] !== undefined && { mappings: parseMappings(raw["mappings"]) }),
    ...(raw["links"] !== undefined && { links: parseLinks(raw["links"]) }),
    ...(raw["fieldMinMax"] === true && { isOwnRange: true }),
    custom: asObject(raw["custom"]),
  };
}

function optionalText<Name extends string>(name: Name, value: unknown): { [key in Name]?: string } {
  const text = asText(value);
  return text === "" ? {} : ({ [name]: text } as { [key in Name]?: string });
}

function parseThresholds(value: unknown): Thresholds {
  const { mode, steps } = asObject(value);
  const parsed = asObjects(steps).map(({ value: from, color }) => ({
    // null would be 0, and a negative value would never leave the base.
    from: asNumber(from) ?? -Infinity,
    colour: asText(color),
  }));
  return {
    mode: mode === "percentage" ? "percentage" : "absolute",
    steps: parsed.toSorted((a, b) => (a.from === b.from ? 0 : a.from - b.from)),
  };
}

function parseColour(value: unknown): ColourMode {
  const { mode, fixedColor, seriesBy } = asObject(value);
  return {
    mode: asText(mode),
    fixed: asText(fixedColor),
    seriesBy: asText(seriesBy, "last"),
  };
}

/** Parses mappings of today, and the pairs `{value, text}` of old panels. */
export function parseMappings(value: unknown): readonly Mapping[] {
  return asObjects(value).flatMap((mapping): Mapping[] => {
    const options = asObject(mapping["options"]);
    const result = parseResult(options["result"]);
    switch (mapping["type"]) {
      case "value":
        return [
          {
            type: "value",
            options: Object.fromEntries(
              Object.entries(options).map(([key, entry]) => [key, parseResult(entry)]),
            ),
          },
        ];
      case "range":
        return [
          {
            type: "range",
            from: asNumber(options["from"]) ?? -Infinity,
            to: asNumber(options["to"]) ?? Infinity,
            result,
          },
        ];
      case "regex":
        return [{ type: "regex", pattern: asText(options["pattern"]), result }];
      case "special":
        return [{ type: "special", match: asText(options["match"]), result }];
      default:
        return [];
    }
  });
}

function parseResult(value: unknown): MappingResult {
  const { text, color } = asObject(value);
  return {
    ...(typeof text === "string" && text !== "" && { text }),
    ...(typeof color === "string" && color !== "" && { colour: color }),
  };
}

export function parseOverrides(value: unknown): readonly Override[] {
  return asObjects(value).map(({ matcher, properties }) => ({
    matcher: parseMatcher(asObject(matcher)),
    properties: asObjects(properties).map((property) => ({
      id: asText(property["id"]),
      value: property["value"],
    })),
  }));
}

function parseMatcher({ id, options }: Json): Matcher {
  switch (id) {
    case "byName":
      return { by: "name", names: [asText(options)], isExcluded: false };
    case "byNames": {
      const { mode, names } = asObject(options);
      return { by: "name", names: asTexts(names), isExcluded: mode === "exclude" };
    }
    case "byRegexp": {
      const pattern = toRegExp(asText(options));
      return pattern === undefined ? { by: "unknown" } : { by: "regexp", pattern };
    }
    case "byType":
      return { by: "type", type: asText(options) };
    case "byFrameRefID":
      return { by: "refId", refId: asText(options) };
    case "byValue": {
      const { reducer, op, value } = asObject(options);
      return {
        by: "value",
        reducer: asText(reducer, "last"),
        op: asText(op, "gte"),
        value: asNumber(value) ?? 0,
      };
    }
    default:
      return { by: "unknown" };
  }
}

/**
 * Parses `/pattern/flags`, or a pattern that the whole string has to match. Returns undefined for an invalid one. The expression keeps no
 * state between two tests.
 */
export function toRegExp(text: string, isAnchored = true): RegExp | undefined {
  const pattern = parsePattern(text, isAnchored);
  return pattern && new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ""));
}

/** Parses an expression with all of its flags, for replacements. */
export function parsePattern(text: string, isAnchored = true): RegExp | undefined {
  const [, pattern, flags = ""] = /^\/(.*)\/([gimsuy]*)$/s.exec(text) ?? [];
  try {
    if (pattern !== undefined) return new RegExp(pattern, flags);
    return new RegExp(isAnchored ? `^(?:${text})$` : text);
  } catch {
    return undefined;
  }
}

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  neq: (a, b) => a !== b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
};

function matches(matcher: Matcher, input: MatchInput): boolean {
  switch (matcher.by) {
    case "name": {
      const isListed = input.names.some((name) => matcher.names.includes(name));
      // Time is never excluded: without it nothing can be drawn.
      return matcher.isExcluded ? !isListed && input.type !== "time" : isListed;
    }
    case "regexp":
      return matcher.pattern.test(input.names[0] ?? "");
    case "type":
      return input.type === matcher.type;
    case "refId":
      return input.refId === matcher.refId;
    case "value": {
      const value = input.type === "number" ? input.reduce(matcher.reducer) : null;
      return value !== null && (COMPARE[matcher.op]?.(value, matcher.value) ?? false);
    }
    case "unknown":
      return false;
  }
}

/** True if a panel hides the field in its drawing. */
export function isHidden({ custom }: FieldConfig): boolean {
  return asFlag(asObject(custom["hideFrom"])["viz"]) || asFlag(custom["hidden"]);
}
