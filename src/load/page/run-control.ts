import { TepalError } from "../../kernel/errors.ts";
import { resolvePlan, resolvePlanChange } from "../contract/resolve-plan.ts";
import type { LoadTest } from "../load.ts";
import type { RunControl } from "./page.ts";

/** @param archived resolves when the last finished run is in the archive */
export function createRunControl(loadTest: LoadTest, archived: () => Promise<void>): RunControl {
  let starting: Promise<void> | undefined;

  function isRunning(): boolean {
    const { state } = loadTest.report();
    return starting !== undefined || (state !== "ready" && state !== "stopped");
  }

  return {
    isRunning,
    async start(given) {
      if (isRunning()) {
        throw new TepalError("CONFLICT", "A run is in progress. Stop it first, or edit its load.");
      }
      try {
        starting = loadTest.start(resolvePlan(given ?? {}, loadTest.defaults, loadTest.script));
        await starting;
      } finally {
        starting = undefined;
      }
    },
    async edit(given) {
      if (!isRunning()) throw new TepalError("CONFLICT", "No run is in progress.");
      await loadTest.edit(resolvePlanChange(given ?? {}, loadTest.report().plan.profile));
    },
    async stop() {
      await starting?.catch(() => {});
      const report = await loadTest.stop();
      await archived();
      return report;
    },
  };
}
