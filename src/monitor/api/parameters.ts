import { parseDuration } from "../../kernel/duration.ts";
import { TepalError } from "../../kernel/errors.ts";

/** The range of a Date: the default of absent times. Times beyond it are moved to its edges. */
export const EARLIEST_MS = -8.64e15;
export const LATEST_MS = 8.64e15;
/** Prometheus keeps times as 64-bit milliseconds. */
const MAX_TIME_SECONDS = 2 ** 63 / 1e3;
/** Prometheus's own least and greatest times, as its clients write them. */
const EDGES: Readonly<Record<string, number>> = {
  "-292273086-05-16T16:47:06Z": EARLIEST_MS,
  "292277025-08-18T07:12:54.999999999Z": LATEST_MS,
};

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
/** Prometheus keeps durations as 64-bit nanoseconds. */
const MAX_SECONDS = 2 ** 63 / 1e9;

/** Creates the error of an invalid request. @param message in Prometheus's wording */
export function createBadData(message: string): TepalError {
  return new TepalError("QUERY_INVALID", message);
}

export function createInvalid(name: string, problem: string): TepalError {
  return createBadData(`invalid parameter ${JSON.stringify(name)}: ${problem}`);
}

/** Adds the name of the parameter to the error of an invalid expression. */
export function withParameterName<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TepalError && error.code === "QUERY_INVALID") {
      throw createInvalid(name, error.message);
    }
    throw error;
  }
}

/** Reads an optional time. @returns milliseconds since 1970 */
export function readOptionalTime(
  parameters: URLSearchParams,
  name: string,
  defaultMs: number,
): number {
  const written = parameters.get(name) ?? "";
  if (written === "") return defaultMs;
  const problem = `Invalid time value for '${name}': ${describeInvalidTime(written)}`;
  return parseTime(written) ?? throwInvalid(name, problem);
}

/** Reads a required time. @returns milliseconds since 1970 */
export function readTime(parameters: URLSearchParams, name: string): number {
  const written = parameters.get(name) ?? "";
  return parseTime(written) ?? throwInvalid(name, describeInvalidTime(written));
}

/** Parses seconds since 1970 or RFC 3339. @returns milliseconds since 1970; undefined if it is neither */
export function parseTime(written: string): number | undefined {
  const seconds = parseNumber(written);
  if (seconds !== undefined) {
    const whole = Math.trunc(seconds);
    const timeMs = whole * 1_000 + Math.round((seconds - whole) * 1_000);
    if (Math.abs(seconds) > MAX_TIME_SECONDS) return undefined;
    return Math.min(LATEST_MS, Math.max(EARLIEST_MS, timeMs));
  }
  if (Object.hasOwn(EDGES, written)) return EDGES[written];
  const timeMs = TIME.test(written) ? Date.parse(written) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function describeInvalidTime(written: string): string {
  return `cannot parse ${JSON.stringify(written)} to a valid timestamp`;
}

/** Reads an optional duration. @returns seconds */
export function readOptionalDuration(
  parameters: URLSearchParams,
  name: string,
): number | undefined {
  const written = parameters.get(name) ?? "";
  return written === "" ? undefined : readDuration(parameters, name);
}

/** Reads a required duration: a number of seconds or `5m`. @returns seconds */
export function readDuration(parameters: URLSearchParams, name: string): number {
  const written = parameters.get(name) ?? "";
  const seconds = parseNumber(written) ?? toSeconds(written);
  const problem = `cannot parse ${JSON.stringify(written)} to a valid duration`;
  if (seconds === undefined) throw createInvalid(name, problem);
  if (!(Math.abs(seconds) <= MAX_SECONDS)) {
    throw createInvalid(name, `${problem}. It overflows int64`);
  }
  return seconds;
}

function toSeconds(written: string): number | undefined {
  const milliseconds = parseDuration(written);
  return milliseconds === undefined ? undefined : milliseconds / 1_000;
}

/** Reads the maximum number of results. An absent one and 0 mean no limit: Infinity. */
export function readLimit(parameters: URLSearchParams): number {
  const written = parameters.get("limit") ?? "";
  if (written === "") return Number.POSITIVE_INFINITY;
  const limit = parseInteger(written);
  if (limit === undefined) {
    throw createInvalid(
      "limit",
      `strconv.Atoi: parsing ${JSON.stringify(written)}: invalid syntax`,
    );
  }
  if (limit < 0) throw createInvalid("limit", "limit must be non-negative");
  return limit === 0 ? Number.POSITIVE_INFINITY : limit;
}

export function parseInteger(written: string): number | undefined {
  return /^[+-]?\d+$/.test(written) ? Number(written) : undefined;
}

/** Parses a finite decimal number as Go does; undefined for anything else. */
function parseNumber(written: string): number | undefined {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(written)) return undefined;
  return Number(written);
}

function throwInvalid(name: string, problem: string): never {
  throw createInvalid(name, problem);
}
