import {
  FALLBACK,
  pickByName,
  pickClassic,
  pickContinuous,
  resolveColour,
  type Palette,
} from "./colours.ts";
import type { FieldConfig, Mapping, MappingResult, Thresholds } from "./field-config.ts";
import type { FormattedValue, TimeZone } from "./time-units.ts";
import { pickShade } from "./shades.ts";
import { formatUnit } from "./units.ts";

/** A value as it is shown. */
export interface DisplayValue extends FormattedValue {
  /** NaN for a missing value and for text. */
  readonly numeric: number;
  readonly colour: string;
  /** Position from min to max, 0 to 1; NaN without them. */
  readonly share: number;
}

export type CellValue = number | string | boolean | null;

/** Formats a value. With the decimals of an axis, it drops zeros at the end. */
export type Display = (value: CellValue, decimals?: number) => DisplayValue;

export interface DisplayInput {
  readonly config: FieldConfig;
  readonly type: "number" | "string" | "time" | "boolean";
  readonly palette: Palette;
  /** Range for percentages and scales of colors where the config has none. */
  readonly range?: { readonly min: number; readonly max: number } | undefined;
  /** Index of the field among all fields that are not times, and its name, for the colors of palettes. */
  readonly index?: number;
  readonly name?: string;
  readonly zone?: TimeZone;
}

/** Creates the formatter of a field. */
export function createDisplay(input: DisplayInput): Display {
  const { config, type, zone = "browser" } = input;
  const { unit = type === "time" ? "dateTimeAsIso" : "", mappings = [], noValue = "" } = config;
  const pick = createColours(input);
  const min = config.min ?? input.range?.min ?? Number.NaN;
  const max = config.max ?? input.range?.max ?? Number.NaN;

  return (value, decimals) => {
    const numeric = type === "string" ? Number.NaN : toNumeric(value);
    const mapped = findMapping(mappings, value, numeric);
    const share = (numeric - min) / (max - min);
    const colour =
      mapped?.colour === undefined
        ? pick(numeric, share)
        : resolveColour(mapped.colour, input.palette);
    return { ...format(value, numeric, decimals, mapped), numeric, colour, share };
  };

  function format(
    value: CellValue,
    numeric: number,
    decimals: number | undefined,
    mapped: MappingResult | undefined,
  ): FormattedValue {
    if (mapped?.text !== undefined) return plain(mapped.text);
    if (value === null || value === "") return plain(noValue);
    if (typeof value === "boolean") return plain(value ? "True" : "False");
    if (Number.isNaN(numeric)) return plain(String(value));
    const formatted = formatUnit(unit, numeric, config.decimals ?? decimals, zone);
    const isTrimmed = decimals !== undefined && config.decimals === undefined;
    return isTrimmed ? { ...formatted, text: dropZeros(formatted.text) } : formatted;
  }
}

/** Returns prefix, digits and suffix as one string. */
export function toText({ prefix, text, suffix }: FormattedValue): string {
  return `${prefix}${text}${suffix}`;
}

function dropZeros(text: string): string {
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, "") : text;
}

function toNumeric(value: CellValue): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return value === null || value.trim() === "" ? Number.NaN : Number(value);
}

function plain(text: string): FormattedValue {
  return { prefix: "", text, suffix: "" };
}

/** Returns the result of the first mapping that applies. */
function findMapping(
  mappings: readonly Mapping[],
  value: CellValue,
  numeric: number,
): MappingResult | undefined {
  for (const mapping of mappings) {
    switch (mapping.type) {
      case "value": {
        const found = value === null ? undefined : mapping.options[String(value)];
        if (found !== undefined) return found;
        break;
      }
      case "range":
        if (numeric >= mapping.from && numeric <= mapping.to) return mapping.result;
        break;
      case "regex": {
        const result = matchRegex(mapping.pattern, mapping.result, value);
        if (result !== undefined) return result;
        break;
      }
      case "special":
        if (isSpecial(mapping.match, value)) return mapping.result;
        break;
    }
  }
  return undefined;
}

function matchRegex(
  pattern: string,
  result: MappingResult,
  value: CellValue,
): MappingResult | undefined {
  if (typeof value !== "string") return undefined;
  try {
    const [, inner, flags] = /^\/(.*)\/([gimsuy]*)$/s.exec(pattern) ?? [];
    const expression = new RegExp(inner ?? pattern, flags);
    if (!expression.test(value)) return undefined;
    return result.text === undefined
      ? result
      : { ...result, text: value.replace(expression, result.text) };
  } catch {
    return undefined;
  }
}

function isSpecial(match: string, value: CellValue): boolean {
  const isNan = typeof value === "number" && Number.isNaN(value);
  switch (match) {
    case "null":
      return value === null;
    case "nan":
      return isNan;
    case "null+nan":
      return value === null || isNan;
    case "true":
      return value === true;
    case "false":
      return value === false;
    case "empty":
      return value === "";
    default:
      return false;
  }
}

/** Creates a function that returns one color for all values. */
function fixed(colour: string): () => string {
  return () => colour;
}

/** Creates a function that returns the color of a value. */
function createColours({
  config: { colour, thresholds },
  palette,
  index = 0,
  name = "",
}: DisplayInput): (numeric: number, share: number) => string {
  const mode = colour?.mode ?? "";
  if (mode === "fixed") return fixed(resolveColour(colour!.fixed, palette));
  if (mode === "shades") return fixed(pickShade(resolveColour(colour!.fixed, palette), index));
  if (mode === "palette-classic") return fixed(pickClassic(index, palette));
  if (mode === "palette-classic-by-name") return fixed(pickByName(name, palette));
  if (mode === "thresholds" && thresholds !== undefined) {
    return (numeric, share) =>
      resolveColour(findThreshold(thresholds, numeric, share)?.colour ?? FALLBACK, palette);
  }
  if (mode.startsWith("continuous-")) {
    return (_numeric, share) =>
      pickContinuous(mode, Number.isNaN(share) ? 0 : share, palette) ?? FALLBACK;
  }
  return fixed(FALLBACK);
}

/** Returns the last step that a value reaches; the base for a missing value. */
export function findThreshold(
  { mode, steps }: Thresholds,
  numeric: number,
  share: number,
): Thresholds["steps"][number] | undefined {
  const value = mode === "percentage" ? share * 100 : numeric;
  return Number.isNaN(value) ? steps[0] : (steps.findLast(({ from }) => from <= value) ?? steps[0]);
}
