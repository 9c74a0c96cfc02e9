import { useEffect, useRef, useState } from "preact/hooks";
import type { Api } from "../lib/api.ts";
import type { Client } from "../prometheus/client.ts";
import type { Place } from "../shell/location.ts";
import { isDone, listQueries, type Facts } from "./conditions.ts";
import type { Step } from "./tour.ts";

/** Time between two checks. */
const CHECK_MS = 1_500;

interface Input {
  readonly step: Step;
  readonly place: Place;
  readonly before: Readonly<Record<string, number>>;
  readonly client: Client;
  readonly api: Api;
  /** Called with the values of the step's queries that `before` lacks. */
  readonly onBefore: (values: Readonly<Record<string, number>>) => void;
  readonly onDone: () => void;
}

/**
 * Checks a step against the server and the page until it is done. A page in the background is not checked.
 * @returns the problem of the last check; undefined if it succeeded
 */
export function useChecks(input: Input): string | undefined {
  const latest = useRef(input);
  latest.current = input;
  const [problem, setProblem] = useState<string>();
  const { step } = input;
  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function check() {
      try {
        const facts = document.hidden ? undefined : await gather(latest.current, controller.signal);
        if (controller.signal.aborted) return;
        if (facts !== undefined) {
          setProblem(undefined);
          const { before, onBefore, onDone } = latest.current;
          const missing = [...facts.values].filter(([expr]) => !Object.hasOwn(before, expr));
          if (missing.length > 0) {
            onBefore(Object.fromEntries(missing.map(([expr, value]) => [expr, value ?? 0])));
          }
          if (isDone(step, facts)) {
            onDone();
            return;
          }
        }
      } catch (error) {
        if (controller.signal.aborted) return;
        setProblem(error instanceof Error ? error.message : String(error));
      }
      timer = setTimeout(() => void check(), CHECK_MS);
    }
    void check();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [step]);
  return problem;
}

async function gather({ step, place, before, client }: Input, signal: AbortSignal): Promise<Facts> {
  const now = Date.now() / 1_000;
  const values = await Promise.all(
    listQueries(step).map(async (expr) => {
      const reply = await client.query(expr, now, signal);
      const value = reply.resultType === "vector" ? reply.result[0]?.value[1] : undefined;
      return [expr, value === undefined ? undefined : Number(value)] as const;
    }),
  );
  const needsRules = step.done.some(({ type }) => type === "rules");
  return {
    place,
    has: (selector) => document.querySelector(selector) !== null,
    values: new Map(values),
    before,
    rules: needsRules ? await countRules(client, signal) : 0,
  };
}

async function countRules(client: Client, signal: AbortSignal): Promise<number> {
  const { data } = (await client.own("../prometheus/api/v1/rules?type=alert", signal)) as {
    readonly data: { readonly groups: readonly { readonly rules: readonly unknown[] }[] };
  };
  return data.groups.reduce((total, { rules }) => total + rules.length, 0);
}
