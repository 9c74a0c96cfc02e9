import { isHidden } from "../../grafana/field-config.ts";
import { asNumber, asObject, asText } from "../../grafana/json.ts";
import { toSamples, type ShownField, type ShownFrame } from "../../grafana/resolve-fields.ts";
import type { Sample } from "../../grafana/reducers.ts";

/** A line of a chart. */
export interface Line {
  readonly field: ShownField;
  readonly title: string;
  /** Milliseconds, rising. */
  readonly times: readonly number[];
  /** As queried, for legend and tooltip. */
  readonly values: readonly Sample[];
}

/** More lines make a chart slow and unreadable. */
export const MAX_LINES = 200;

/** Returns the lines of a panel: each field of numbers beside a time. */
export function listLines(frames: readonly ShownFrame[]): readonly Line[] {
  return selectLines(frames, ({ config }) => !isHidden(config));
}

/** Returns the lines that the legend offers: also those that a dashboard has saved as hidden. */
export function listLegendLines(frames: readonly ShownFrame[]): readonly Line[] {
  return selectLines(frames, (field) => !isHidden(field.config) || isHiddenByClick(field));
}

/** True for a line that was hidden in the legend, where a click shows it again. */
export function isHiddenByClick({ config: { custom } }: ShownField): boolean {
  const { viz, legend } = asObject(custom["hideFrom"]);
  return viz === true && legend !== true && custom["hidden"] !== true;
}

function selectLines(
  frames: readonly ShownFrame[],
  isShown: (field: ShownField) => boolean,
): readonly Line[] {
  return frames.flatMap(({ fields }) => {
    const time = fields.find(({ type }) => type === "time");
    if (time === undefined) return [];
    const times = time.values as readonly number[];
    return fields
      .filter((field) => field.type === "number" && isShown(field))
      .map((field): Line => ({ field, title: field.title, times, values: toSamples(field) }));
  });
}

/** A value as uPlot draws it: null is a gap, and undefined is drawn over. */
type DrawnValue = number | null | undefined;

/** Columns for uPlot: seconds, then the drawn values of each line. */
export interface Columns {
  readonly seconds: readonly number[];
  readonly drawn: readonly (readonly DrawnValue[])[];
  /** Values as queried, on the same times. */
  readonly raw: readonly (readonly Sample[])[];
}

/** Puts lines on one axis of times. Values that cannot be drawn (NaN, ±Inf) become gaps; stacked ones are added up. */
export function toColumns(lines: readonly Line[]): Columns {
  const [first] = lines;
  const isShared = lines.every(({ times }) => isSameGrid(times, first!.times));
  const times = isShared ? (first?.times ?? []) : joinTimes(lines);
  const raw = lines.map((line) => (isShared ? line.values : spread(line, times)));
  const finite = raw.map((values, index) => {
    const { custom } = lines[index]!.field.config;
    const isNegative = custom["transform"] === "negative-Y";
    const missing = custom["nullsAsZero"] === true ? 0 : null;
    return values.map((value) =>
      // Between the times of a line, undefined is no gap.
      value === undefined
        ? value
        : value === null || !Number.isFinite(value)
          ? missing
          : isNegative
            ? -value
            : value,
    );
  });
  const drawn = stack(lines, finite).map((values, index) =>
    bridgeGaps(values, times, lines[index]!.field.config.custom["spanNulls"]),
  );
  return { seconds: times.map((time) => time / 1_000), drawn, raw };
}

/** Connects a line over gaps that are shorter than a limit in milliseconds. */
function bridgeGaps(
  values: readonly DrawnValue[],
  times: readonly number[],
  limit: unknown,
): readonly DrawnValue[] {
  if (typeof limit !== "number") return values;
  const bridged = [...values];
  let last = -1;
  values.forEach((value, at) => {
    if (value === null || value === undefined) return;
    if (last >= 0 && at - last > 1 && times[at]! - times[last]! < limit) {
      bridged.fill(undefined, last + 1, at);
    }
    last = at;
  });
  return bridged;
}

function isSameGrid(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a[0] === b[0] && a.at(-1) === b.at(-1));
}

function joinTimes(lines: readonly Line[]): readonly number[] {
  return [...new Set(lines.flatMap(({ times }) => times))].toSorted((a, b) => a - b);
}

/** Puts the values of a line on more times. Between its own times nothing is missing: uPlot connects over undefined. */
function spread({ times, values }: Line, all: readonly number[]): Sample[] {
  const byTime = new Map(times.map((time, index) => [time, values[index] ?? null]));
  return all.map((time) => byTime.get(time) as Sample);
}

/** Returns the stack that a line belongs to; undefined if it is not stacked. Lines below 0 have a stack of their own. */
export function findStack({ field: { config }, values }: Line): string | undefined {
  const { mode, group } = asObject(config.custom["stacking"]);
  if (mode !== "normal" && mode !== "percent") return undefined;
  const isTurned = config.custom["transform"] === "negative-Y";
  const style = asText(config.custom["drawStyle"], "line");
  const isBelow = isMostlyNegative(values) !== isTurned;
  return [mode, String(group ?? "A"), config.unit ?? "", style, isBelow].join("/");
}

function isMostlyNegative(values: readonly Sample[]): boolean {
  let balance = 0;
  for (const value of values) if (value !== null && value !== 0) balance += value < 0 ? 1 : -1;
  return balance > 0;
}

function stack(
  lines: readonly Line[],
  values: readonly (readonly (number | null)[])[],
): readonly (readonly (number | null)[])[] {
  const names = lines.map(findStack);
  /** For each stack: the sum so far, and where any of its lines has a value. */
  const stacks = new Map<string, { readonly total: number[]; readonly hasAny: boolean[] }>();
  names.forEach((name, index) => {
    if (name === undefined) return;
    const column = values[index]!;
    const { hasAny } = stacks.get(name) ?? {
      hasAny: column.map(() => false),
    };
    column.forEach((value, at) => {
      if (value !== null) hasAny[at] = true;
    });
    stacks.set(name, { hasAny, total: column.map(() => 0) });
  });
  const stacked = names.map((name, index) => {
    if (name === undefined) return values[index]!;
    const { total, hasAny } = stacks.get(name)!;
    // A gap counts as 0 where another line of the stack has a value.
    return values[index]!.map((value, at) => {
      total[at]! += value ?? 0;
      return hasAny[at] ? total[at]! : null;
    });
  });
  return stacked.map((column, index) => {
    const name = names[index];
    if (name?.startsWith("percent/") !== true) return column;
    const { total } = stacks.get(name)!;
    return column.map((value, at) =>
      value === null ? null : total[at] === 0 ? 0 : value / total[at]!,
    );
  });
}

/** Pairs of lines, the upper one first, between which a stack or the area down to another line (`fillBelowTo`) is filled. */
export function listBands(lines: readonly Line[]): readonly (readonly [number, number])[] {
  const last = new Map<string, number>();
  return lines.flatMap((line, index): [number, number][] => {
    const lower = findLower(line, lines);
    if (lower !== undefined) return [[index, lines.indexOf(lower)]];
    const name = findStack(line);
    if (name === undefined) return [];
    const below = last.get(name);
    last.set(name, index);
    return below === undefined ? [] : [[index, below]];
  });
}

/** Returns the line down to which the area below a line is filled. */
export function findLower({ field }: Line, lines: readonly Line[]): Line | undefined {
  const name = asText(field.config.custom["fillBelowTo"]);
  if (name === "") return undefined;
  return lines.find(
    ({ title, field: other }) =>
      other !== field && (title === name || other.displayName === name || other.name === name),
  );
}

/** Returns a numeric option of the panel type. */
export function readNumber(line: Line, name: string, fallback: number): number {
  return asNumber(line.field.config.custom[name]) ?? fallback;
}
