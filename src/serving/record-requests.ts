import type { Clock } from "../kernel/clock.ts";
import type { Family, Metrics } from "../metrics/metrics.ts";
import type { Manifest } from "../model/manifest.ts";

/** The parts of a prediction request with a whole body, in their order. */
export const STAGES = ["body", "queue", "decode", "check", "inference", "encode"] as const;
export type Stage = (typeof STAGES)[number];

export type RequestResult = "success" | "input_error" | "error";

/**
 * Records the requests of one model version. A series is opened with its first value, so that versions without requests have none. An
 * observation takes some ten nanoseconds.
 */
export interface RequestRecorder {
  /** Returns the present time for durations. */
  nowSeconds(): number;
  observeStage(stage: Stage, seconds: number): void;
  /** @param seconds duration of a request with a whole body, from its head to its encoded response */
  succeed(seconds: number): void;
  /** Counts a request without a duration: a stream, or one that failed. */
  count(result: RequestResult): void;
  close(): void;
}

export function createRequestRecorder(
  metrics: Pick<Metrics, "modelRequests" | "modelRequestDuration" | "modelStageDuration">,
  { name, version }: Manifest,
  clock: Clock,
): RequestRecorder {
  const model = [name, String(version)];
  const opened: (readonly [Family, number])[] = [];
  const stages: Partial<Record<Stage, number>> = {};
  const results: Partial<Record<RequestResult, number>> = {};
  let duration: number | undefined;

  function open(family: Family, ...labels: string[]): number {
    const slot = family.open([...model, ...labels]);
    opened.push([family, slot]);
    return slot;
  }

  function count(result: RequestResult): void {
    const slot = (results[result] ??= open(metrics.modelRequests, result));
    metrics.modelRequests.add(slot, 1);
  }

  return {
    nowSeconds: () => clock.monotonicSeconds(),
    observeStage(stage, seconds) {
      const slot = (stages[stage] ??= open(metrics.modelStageDuration, stage));
      metrics.modelStageDuration.observe(slot, seconds);
    },
    succeed(seconds) {
      duration ??= open(metrics.modelRequestDuration);
      metrics.modelRequestDuration.observe(duration, seconds);
      // Opened before the first failure, which a rate would not see otherwise.
      results.error ??= open(metrics.modelRequests, "error");
      count("success");
    },
    count,
    close() {
      for (const [family, slot] of opened.splice(0)) family.close(slot);
    },
  };
}
