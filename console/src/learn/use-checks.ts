import { useEffect } from "preact/hooks";
import { createClient, type Client } from "../prometheus/client.ts";
import { createSessionApi } from "../shell/session.ts";
import { nowMs } from "../lib/server-clock.ts";
import { ApiError, type Api } from "../lib/api.ts";
import { observeActivity } from "./activity.ts";
import { NO_CHECK, shareCheck, type CheckState } from "./check-state.ts";
import { isDone, meet, toKey, updateBefore, type Facts } from "./conditions.ts";
import type { Condition } from "./course/mechanics.ts";
import { finishStep } from "./parse-progress.ts";
import { sumSeries } from "./sum-series.ts";
import { changeProgress, getProgress } from "./progress.ts";

/** Time between two checks. */
const CHECK_MS = 1_000;

/**
 * Checks a step against the server and the page until it is done. Activities of the console are observed all the time, the server is
 * queried once a second. A page in the background is not checked. The state of the check is shared with all views.
 *
 * @param steps the steps of its page
 */
export function useChecks(
  id: string | null,
  done: readonly Condition[] | undefined,
  steps: readonly string[],
): void {
  useEffect(() => {
    if (id === null || done === undefined) return undefined;
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Its own requests are no activity of the learner.
    const api = createSessionApi((url, init) => fetch(url, init));
    const client = createClient(api);
    let state: CheckState = { id, problem: undefined, checks: 0 };
    const share = (change: Partial<CheckState>): void => {
      state = { ...state, ...change };
      shareCheck(state);
    };

    const stop = observeActivity((activity) => {
      changeProgress((progress) => {
        if (progress.step !== id) return progress;
        const met = meet(done, progress.met, activity);
        return met === progress.met ? progress : { ...progress, met };
      });
    });

    share({});

    async function check(conditions: readonly Condition[]): Promise<void> {
      if (document.hidden) return;
      const values = await readValues(conditions, api, client, controller.signal);
      if (controller.signal.aborted) return;
      const facts: Facts = {
        values,
        has: (selector) => document.querySelector(selector) !== null,
      };
      changeProgress((progress) => {
        if (progress.step !== id) return progress;
        if (isDone(conditions, progress, facts)) return finishStep(progress, steps);
        const before = updateBefore(conditions, progress.before, values);
        return before === progress.before ? progress : { ...progress, before };
      });
      if (getProgress().step === id) {
        share({ problem: undefined, checks: state.checks + 1 });
      }
    }

    async function run(conditions: readonly Condition[]): Promise<void> {
      try {
        await check(conditions);
      } catch (error) {
        if (controller.signal.aborted) return;
        const problem = error instanceof Error ? error.message : String(error);
        share({ problem });
      }
      if (!controller.signal.aborted) timer = setTimeout(() => void run(conditions), CHECK_MS);
    }

    void run(done);
    return () => {
      stop();
      controller.abort();
      clearTimeout(timer);
      shareCheck(NO_CHECK);
    };
  }, [id, done]);
}

/** Reads the numbers of conditions: from the metrics response, which has every change at once, and from queries. */
async function readValues(
  done: readonly Condition[],
  api: Api,
  client: Client,
  signal: AbortSignal,
): Promise<Facts["values"]> {
  const counted = done.filter((condition) => condition.type === "counted");
  const exposition =
    counted.length === 0
      ? ""
      : await (await api.send("metrics", { accept: "text/plain", signal })).text();
  const sums = counted.map(
    (condition) =>
      [toKey(condition), sumSeries(exposition, condition.metric, condition.labels)] as const,
  );
  const contained = done.filter((condition) => condition.type === "contained");
  const occurrences = await Promise.all(
    contained.map(async (condition) => {
      const reply = await readText(api, condition.path, signal);
      return [toKey(condition), reply.split(condition.text).length - 1] as const;
    }),
  );
  const queries = done.filter(
    (condition) => condition.type === "queried" || condition.type === "increased",
  );
  const results = await Promise.all(
    queries.map(async (condition) => {
      const expr = toKey(condition);
      const reply = await client.query(expr, nowMs() / 1_000, signal);
      const value = reply.resultType === "vector" ? reply.result[0]?.value[1] : undefined;
      return [expr, value === undefined ? Number.NaN : Number(value)] as const;
    }),
  );
  return Object.fromEntries([...sums, ...occurrences, ...results]);
}

/** Returns the body of a reply; empty for a resource that the server does not have. */
async function readText(api: Api, path: string, signal: AbortSignal): Promise<string> {
  try {
    return await (await api.send(path, { signal })).text();
  } catch (error) {
    if (error instanceof ApiError && error.failure === "absent") return "";
    throw error;
  }
}
