import { formatDuration, parseDuration } from "../../../src/kernel/duration.ts";
import type { Labels } from "../prometheus/client.ts";
import type { Silence, SilenceMatcher } from "./alert-types.ts";

/** The fields of the form of a silence. */
export interface SilenceForm {
  /** One matcher a line, in PromQL's syntax. */
  readonly matchers: string;
  readonly duration: string;
  readonly createdBy: string;
  readonly comment: string;
}

export type SilenceProblems = Partial<Record<keyof SilenceForm, string>>;

export const DURATIONS = ["30m", "1h", "2h", "8h", "1d", "1w"];

/** Returns the form for the alerts with these labels. */
export function toForm(labels: Labels, createdBy: string): SilenceForm {
  const matchers = Object.entries(labels).map(([name, value]) =>
    formatMatcher({ name, value, isRegex: false, isEqual: true }),
  );
  return { matchers: matchers.join("\n"), duration: "1h", createdBy, comment: "" };
}

/** Reads the form. @returns the body of the request, or the problem of each field */
export function readForm(
  { matchers, duration, createdBy, comment }: SilenceForm,
  nowMs: number,
): { readonly body: object } | { readonly problems: SilenceProblems } {
  const problems: SilenceProblems = {};
  const lines = matchers.split("\n").filter((line) => line.trim() !== "");
  const parsed = lines.map(parseMatcher);
  const bad = lines.find((_line, i) => parsed[i] === undefined);
  if (lines.length === 0) {
    problems.matchers = 'Expected at least one matcher, for example alertname="HighLatency".';
  } else if (bad !== undefined) {
    problems.matchers = `Expected a matcher such as team="iris" or route=~"/predict.*", got ${bad.trim()}.`;
  }
  const durationMs = parseDuration(duration.trim());
  if (durationMs === undefined || durationMs === 0) {
    problems.duration = "Expected a duration such as 30m, 2h or 1d12h.";
  }
  if (comment.trim() === "") problems.comment = "Expected the reason, for others on call.";
  if (Object.keys(problems).length > 0) return { problems };
  return {
    body: {
      matchers: parsed,
      startsAt: new Date(nowMs).toISOString(),
      endsAt: new Date(nowMs + (durationMs ?? 0)).toISOString(),
      createdBy: createdBy.trim(),
      comment: comment.trim(),
    },
  };
}

const MATCHER = /^\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=(?!~))\s*("(?:[^"\\]|\\.)*"|[^\s"]+)\s*,?\s*$/;

/** Parses `name="value"`, also without quotes; undefined if it is none. */
export function parseMatcher(line: string): SilenceMatcher | undefined {
  const [, name, operator, written] = MATCHER.exec(line) ?? [];
  if (name === undefined || operator === undefined || written === undefined) return undefined;
  const value = written.startsWith('"') ? unquote(written) : written;
  if (value === undefined) return undefined;
  return { name, value, isRegex: operator.endsWith("~"), isEqual: operator.startsWith("=") };
}

function unquote(written: string): string | undefined {
  try {
    return String(JSON.parse(written));
  } catch {
    return undefined;
  }
}

export function formatMatcher({ name, value, isRegex, isEqual = true }: SilenceMatcher): string {
  const operator = isRegex ? (isEqual ? "=~" : "!~") : isEqual ? "=" : "!=";
  return `${name}${operator}${JSON.stringify(value)}`;
}

/** Returns the rest of a silence, or of the time until it begins: `1h30m`. */
export function formatRest(until: string, nowMs: number): string {
  const ms = Math.max(0, Date.parse(until) - nowMs);
  const unit = ms >= 3_600_000 ? 60_000 : 1_000;
  return formatDuration(Math.ceil(ms / unit) * unit);
}

/** Returns active silences, then pending ones, then expired ones. */
export function groupSilences(
  silences: readonly Silence[],
): Readonly<Record<"open" | "expired", readonly Silence[]>> {
  return {
    open: silences.filter(({ status }) => status.state !== "expired"),
    expired: silences.filter(({ status }) => status.state === "expired"),
  };
}
