import { Type, type Static } from "typebox";
import { InputProblems, toInputError } from "../../kernel/check.ts";
import { fromSchema } from "../../kernel/check/schema.ts";
import { toMessage } from "../../kernel/errors.ts";
import { createMatcher } from "../../series/matcher.ts";
import type { Matcher, MatcherType } from "../../series/series.ts";
import type { SilenceDescription } from "../alerts.ts";
import { formatGoTime } from "../format-go-time.ts";

const MatcherSchema = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 200 }),
  value: Type.String({ maxLength: 4_000 }),
  /** The value is a regular expression, which matches the whole label. */
  isRegex: Type.Boolean(),
  /** False negates the matcher. */
  isEqual: Type.Boolean({ default: true }),
});

/** A silence as a client sends it, in the form of Alertmanager's API v2. */
const PostedSchema = Type.Object({
  /** The silence to change; absent for a new one. */
  id: Type.String({ default: "" }),
  matchers: Type.Array(MatcherSchema, { minItems: 1, maxItems: 50 }),
  startsAt: Type.String({ maxLength: 60 }),
  endsAt: Type.String({ maxLength: 60 }),
  createdBy: Type.String({ maxLength: 200 }),
  comment: Type.String({ minLength: 1, maxLength: 2_000 }),
});

export type SilenceMatcher = Static<typeof MatcherSchema>;

/** A silence. Alerts that match all of its matchers are not sent while it is active. Times are milliseconds since 1970. */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly SilenceMatcher[];
  readonly tests: readonly Matcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly updatedAtMs: number;
  readonly createdBy: string;
  readonly comment: string;
}

export type SilenceDraft = Omit<Silence, "id" | "updatedAtMs"> & {
  /** Empty for a new silence. */
  readonly id: string;
};

const POSTED = fromSchema(PostedSchema);

/**
 * Reads a silence that a client has sent.
 * @throws TepalError INVALID_INPUT with all problems
 */
export function parseSilence(body: unknown, nowMs: number): SilenceDraft {
  const problems = new InputProblems();
  const posted = problems.read(POSTED, body, { at: "" });
  if (posted === undefined) throw toInputError("INVALID_INPUT", "field", problems.list);
  const { id, matchers, createdBy, comment, startsAt, endsAt } = posted;
  const startsAtMs = readTime(startsAt, "/startsAt", problems);
  const endsAtMs = readTime(endsAt, "/endsAt", problems);
  if (endsAtMs < startsAtMs) problems.add("/endsAt", "Expected a time after startsAt.");
  if (endsAtMs <= nowMs) problems.add("/endsAt", "Expected a time in the future.");
  if (comment.trim() === "") problems.add("/comment", "Expected a comment, got only blanks.");
  const tests = matchers.map((matcher, i) => toTest(matcher, `/matchers/${i}/value`, problems));
  if (tests.every((test) => test?.matches("") ?? false)) {
    problems.add("/matchers", "Expected at least one matcher that does not match an empty value.");
  }
  problems.throwIfAny("INVALID_INPUT", "field");
  return {
    id,
    matchers,
    tests: tests.filter((test) => test !== undefined),
    startsAtMs,
    endsAtMs,
    createdBy,
    comment,
  };
}

function readTime(written: string, at: string, problems: InputProblems): number {
  const timeMs = Date.parse(written);
  if (Number.isNaN(timeMs)) {
    problems.add(
      at,
      `Expected a time, for example 2026-11-28T18:30:00Z, got ${JSON.stringify(written)}.`,
    );
  }
  return timeMs;
}

function toTest(
  { name, value, isRegex, isEqual }: SilenceMatcher,
  at: string,
  problems: InputProblems,
): Matcher | undefined {
  try {
    return createMatcher(name, toMatcherType(isRegex, isEqual), value);
  } catch (error) {
    problems.add(at, `Expected a regular expression: ${toMessage(error)}.`);
    return undefined;
  }
}

function toMatcherType(isRegex: boolean, isEqual: boolean): MatcherType {
  if (isRegex) return isEqual ? "=~" : "!~";
  return isEqual ? "=" : "!=";
}

export function toSilenceState(
  { startsAtMs, endsAtMs }: Pick<Silence, "startsAtMs" | "endsAtMs">,
  nowMs: number,
): SilenceDescription["status"]["state"] {
  if (nowMs >= endsAtMs) return "expired";
  return nowMs < startsAtMs ? "pending" : "active";
}

/** Describes a silence in the form of Alertmanager's API v2. */
export function describeSilence(silence: Silence, nowMs: number): SilenceDescription {
  const { id, matchers, startsAtMs, endsAtMs, updatedAtMs, createdBy, comment } = silence;
  return {
    id,
    status: { state: toSilenceState(silence, nowMs) },
    updatedAt: formatGoTime(updatedAtMs),
    comment,
    createdBy,
    endsAt: formatGoTime(endsAtMs),
    matchers,
    startsAt: formatGoTime(startsAtMs),
  };
}
