import type { Clock } from "../../kernel/clock.ts";
import { TepalError } from "../../kernel/errors.ts";
import { createId } from "../../kernel/random.ts";
import { matchesAll } from "../../series/matcher.ts";
import type { Matcher } from "../../series/series.ts";
import type { AlertingLog, Silences } from "../alerts.ts";
import {
  describeSilence,
  parseSilence,
  toSilenceState,
  type Silence,
  type SilenceDraft,
} from "./silence.ts";
import { loadSilences, saveSilences } from "./silences-file.ts";

export interface SilencesParts {
  readonly clock: Clock;
  readonly log: AlertingLog;
  /** File in which silences survive a restart; undefined to keep them in memory. */
  readonly file: string | undefined;
}

/** Expired silences are listed for this time, as in Alertmanager. */
const RETENTION_MS = 120 * 3_600_000;
/** Silences that have not expired: each is compared with each alert. */
const MAX_SILENCES = 1_000;
/** Expired silences beyond this number are forgotten early, the oldest first. */
const MAX_EXPIRED = 1_000;
const STATE_ORDER = { active: 0, pending: 1, expired: 2 } as const;

export async function createSilences({ clock, log, file }: SilencesParts): Promise<Silences> {
  const silences = new Map<string, Silence>();
  if (file !== undefined) {
    for (const silence of await loadSilences(file, log)) silences.set(silence.id, silence);
  }
  let saving: Promise<void> = Promise.resolve();

  function save(): Promise<void> {
    forgetExpired(silences, clock.nowMs());
    if (file === undefined) return saving;
    const now = [...silences.values()];
    saving = saving.then(() => saveSilences(file, now, log));
    return saving;
  }
  function get(id: string): Silence {
    const silence = silences.get(id);
    if (silence === undefined) throw new TepalError("NOT_FOUND", `There is no silence ${id}.`);
    return silence;
  }
  function end(silence: Silence, nowMs: number): void {
    // One that has not begun never was active.
    const endsAtMs = nowMs;
    const startsAtMs = Math.min(silence.startsAtMs, nowMs);
    silences.set(silence.id, { ...silence, startsAtMs, endsAtMs, updatedAtMs: nowMs });
  }

  return {
    list(filter = []) {
      const nowMs = clock.nowMs();
      forgetExpired(silences, nowMs);
      return [...silences.values()]
        .filter((silence) => matchesFilter(silence, filter))
        .toSorted((a, b) => compare(a, b, nowMs))
        .map((silence) => describeSilence(silence, nowMs));
    },
    find: (id) => describeSilence(get(id), clock.nowMs()),
    async put(body) {
      const nowMs = clock.nowMs();
      const draft = parseSilence(body, nowMs);
      const before = draft.id === "" ? undefined : get(draft.id);
      const keeps = before !== undefined && canChange(before, draft, nowMs);
      if (!keeps) {
        const open = [...silences.values()].filter(({ endsAtMs }) => endsAtMs > nowMs).length;
        if (open >= MAX_SILENCES) {
          throw new TepalError(
            "INVALID_INPUT",
            `Expected at most ${MAX_SILENCES} silences that have not expired. Expire some, or use a matcher with a regular expression.`,
          );
        }
        if (before !== undefined && before.endsAtMs > nowMs) end(before, nowMs);
      }
      const id = keeps ? before.id : toUuid(createId());
      const startsAtMs = keeps ? draft.startsAtMs : Math.max(draft.startsAtMs, nowMs);
      silences.set(id, { ...draft, id, startsAtMs, updatedAtMs: nowMs });
      await save();
      return id;
    },
    async expire(id) {
      const silence = get(id);
      const nowMs = clock.nowMs();
      if (silence.endsAtMs <= nowMs) {
        throw new TepalError("INVALID_INPUT", `The silence ${id} has already expired.`);
      }
      end(silence, nowMs);
      await save();
    },
    match(labels) {
      const nowMs = clock.nowMs();
      return Array.from(silences.values())
        .filter((silence) => toSilenceState(silence, nowMs) === "active")
        .filter(({ tests }) => matchesAll(tests, labels))
        .map(({ id }) => id);
    },
    close: () => saving,
  };
}

/** Returns true if a silence keeps its id: nothing that it has silenced so far changes. */
function canChange(before: Silence, draft: SilenceDraft, nowMs: number): boolean {
  if (JSON.stringify(before.matchers) !== JSON.stringify(draft.matchers)) return false;
  const state = toSilenceState(before, nowMs);
  if (state === "active") return draft.startsAtMs === before.startsAtMs;
  return state === "pending" && draft.startsAtMs >= nowMs;
}

/** As Alertmanager filters silences: by their matchers, whose values stand for labels. */
function matchesFilter({ matchers }: Silence, filter: readonly Matcher[]): boolean {
  const values = new Map(matchers.map(({ name, value }) => [name, value]));
  return filter.every(({ name, type, matches }) => {
    const value = values.get(name);
    return matches(value ?? "") && (value !== undefined || type === "!=" || type === "!~");
  });
}

function compare(a: Silence, b: Silence, nowMs: number): number {
  const [left, right] = [toSilenceState(a, nowMs), toSilenceState(b, nowMs)];
  if (left !== right) return STATE_ORDER[left] - STATE_ORDER[right];
  return left === "expired" ? b.endsAtMs - a.endsAtMs : a.endsAtMs - b.endsAtMs;
}

function forgetExpired(silences: Map<string, Silence>, nowMs: number): void {
  const expired = [...silences.values()]
    .filter(({ endsAtMs }) => endsAtMs <= nowMs)
    .toSorted((a, b) => b.endsAtMs - a.endsAtMs);
  for (const [i, { id, endsAtMs }] of expired.entries()) {
    if (i >= MAX_EXPIRED || nowMs - endsAtMs > RETENTION_MS) silences.delete(id);
  }
}

/** Formats an id as Alertmanager's are. */
function toUuid(id: string): string {
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
