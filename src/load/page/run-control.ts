import { TepalError } from "../../kernel/errors.ts";
import type { LoadTest } from "../load.ts";
import type { RunPlan } from "../contract/plan.ts";
import type { RunReport } from "../contract/report.ts";
import { resolvePlan, resolvePlanChange } from "../contract/resolve-plan.ts";

/** Starts, changes and stops runs for whoever asks over HTTP, and says what cannot be done as HTTP does. */
export interface RunControl {
  /**
   * @param given what is known of a plan, as JSON; the rest comes from the defaults
   * @throws TepalError CONFLICT while a run goes on, INVALID_PLAN with all that is wrong
   */
  start(given: unknown): Promise<void>;
  /** @throws TepalError CONFLICT when no run goes on, INVALID_PLAN for a change that its profile does not take */
  edit(given: unknown): Promise<void>;
  /** Also stops a run that only begins. Resolves when it is kept. */
  stop(): Promise<RunReport>;
  isRunning(): boolean;
}

/** @param kept resolves when the last run that ended is in the history */
export function createRunControl(
  loadTest: LoadTest,
  defaults: RunPlan,
  kept: () => Promise<void>,
): RunControl {
  let starting: Promise<void> | undefined;

  function isRunning(): boolean {
    const { state } = loadTest.report();
    return starting !== undefined || (state !== "ready" && state !== "stopped");
  }

  return {
    isRunning,
    async start(given) {
      if (isRunning()) {
        throw new TepalError("CONFLICT", "A run goes on: stop it first, or change its load");
      }
      try {
        const plan = resolvePlan(given ?? {}, defaults, loadTest.script);
        starting = loadTest.start(plan);
        await starting;
      } catch (error) {
        throw toRefusal(error);
      } finally {
        starting = undefined;
      }
    },
    async edit(given) {
      if (!isRunning()) throw new TepalError("CONFLICT", "No run goes on whose load could change");
      try {
        await loadTest.edit(resolvePlanChange(given ?? {}, loadTest.report().plan.profile));
      } catch (error) {
        throw toRefusal(error);
      }
    },
    async stop() {
      await starting?.catch(() => {});
      const report = await loadTest.stop();
      await kept();
      return report;
    },
  };
}

/** Over HTTP an option that cannot be used is a request that cannot be met. */
function toRefusal(error: unknown): unknown {
  if (!(error instanceof TepalError) || error.code !== "INVALID_OPTION") return error;
  const { message, problems } = error;
  return new TepalError("INVALID_PLAN", message, { cause: error, problems });
}
