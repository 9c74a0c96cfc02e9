import { parseDuration } from "../../alerts/duration.ts";
import { TepalError } from "../../kernel/errors.ts";

/** The earliest and the latest time that a Date can be: whoever names none means all there is. */
export const EARLIEST_MS = -8.64e15;
export const LATEST_MS = 8.64e15;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
/** What 64 bits of nanoseconds hold. */
const MAX_SECONDS = 2 ** 63 / 1e9;

/** A request that asks for something impossible; the message is Prometheus's. */
export function createBadData(message: string): TepalError {
  return new TepalError("QUERY_INVALID", message);
}

export function createInvalid(name: string, fault: string): TepalError {
  return createBadData(`invalid parameter ${JSON.stringify(name)}: ${fault}`);
}

/** Says of a fault in an expression in which parameter it is. */
export function blame<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TepalError && error.code === "QUERY_INVALID") {
      throw createInvalid(name, error.message);
    }
    throw error;
  }
}

/** A time that may be left out. */
export function readOptionalTime(
  parameters: URLSearchParams,
  name: string,
  otherwise: number,
): number {
  const text = parameters.get(name) ?? "";
  if (text === "") return otherwise;
  const fault = `Invalid time value for '${name}': ${toTimeFault(text)}`;
  return parseTime(text) ?? throwInvalid(name, fault);
}

/** A time that must be there. */
export function readTime(parameters: URLSearchParams, name: string): number {
  const text = parameters.get(name) ?? "";
  return parseTime(text) ?? throwInvalid(name, toTimeFault(text));
}

/** Milliseconds since 1970 of seconds or RFC 3339; undefined when it is neither. */
export function parseTime(text: string): number | undefined {
  const seconds = parseNumber(text);
  if (seconds !== undefined) {
    const whole = Math.trunc(seconds);
    const timeMs = whole * 1_000 + Math.round((seconds - whole) * 1_000);
    return timeMs >= EARLIEST_MS && timeMs <= LATEST_MS ? timeMs : undefined;
  }
  const timeMs = TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function toTimeFault(text: string): string {
  return `cannot parse ${JSON.stringify(text)} to a valid timestamp`;
}

/** Seconds; undefined when the parameter is not there. */
export function readOptionalDuration(
  parameters: URLSearchParams,
  name: string,
): number | undefined {
  const text = parameters.get(name) ?? "";
  return text === "" ? undefined : readDuration(parameters, name);
}

export function readDuration(parameters: URLSearchParams, name: string): number {
  const text = parameters.get(name) ?? "";
  const seconds = parseNumber(text) ?? toSeconds(text);
  const fault = `cannot parse ${JSON.stringify(text)} to a valid duration`;
  if (seconds === undefined) throw createInvalid(name, fault);
  if (!(Math.abs(seconds) <= MAX_SECONDS)) {
    throw createInvalid(name, `${fault}. It overflows int64`);
  }
  return seconds;
}

function toSeconds(text: string): number | undefined {
  const milliseconds = parseDuration(text);
  return milliseconds === undefined ? undefined : milliseconds / 1_000;
}

/** How many results are wanted at most; Infinity for all, which 0 means too. */
export function readLimit(parameters: URLSearchParams): number {
  const text = parameters.get("limit") ?? "";
  if (text === "") return Number.POSITIVE_INFINITY;
  const limit = parseInteger(text);
  if (limit === undefined) {
    throw createInvalid("limit", `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  if (limit < 0) throw createInvalid("limit", "limit must be non-negative");
  return limit === 0 ? Number.POSITIVE_INFINITY : limit;
}

export function parseInteger(text: string): number | undefined {
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

/** A decimal number as Go reads one; undefined for anything else. Numbers without end are none here. */
function parseNumber(text: string): number | undefined {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  return Number(text);
}

function throwInvalid(name: string, fault: string): never {
  throw createInvalid(name, fault);
}
