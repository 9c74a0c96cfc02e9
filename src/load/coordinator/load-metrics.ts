import { createHistogramFamily, createValueFamily, exposeFamily } from "../../metrics/family.ts";
import { writeExposition } from "../../metrics/exposition.ts";
import type { Family } from "../../metrics/metrics.ts";
import { LOAD_METRICS } from "../../metrics/names.ts";
import { toBuckets } from "../generator/histogram.ts";
import type { Interval } from "../generator/interval.ts";
import type { RunReport } from "../contract/report.ts";

/** Metrics of all runs since the start. */
export interface LoadMetrics {
  add(interval: Interval): void;
  /** Returns the text format, version 0.0.4. @param report has the present values */
  render(report: RunReport): string;
}

export function createLoadMetrics(): LoadMetrics {
  const families: Family[] = [];
  const register = <F extends Family>(family: F): F => {
    families.push(family);
    return family;
  };
  const users = register(createValueFamily(LOAD_METRICS.users, PARTS));
  const requests = register(createValueFamily(LOAD_METRICS.requests, PARTS));
  const failures = register(createValueFamily(LOAD_METRICS.failures, PARTS));
  const duration = register(createHistogramFamily(LOAD_METRICS.duration, PARTS));
  const dropped = register(createValueFamily(LOAD_METRICS.dropped, PARTS));
  const abandoned = register(createValueFamily(LOAD_METRICS.abandoned, PARTS));
  const utilisation = register(createValueFamily(LOAD_METRICS.utilisation, PARTS));
  const usersSlot = users.open([]);
  const droppedSlot = dropped.open([]);
  const utilisationSlot = utilisation.open([]);

  return {
    add(interval) {
      dropped.add(droppedSlot, interval.dropped);
      for (const endpoint of interval.endpoints) {
        const { name } = endpoint;
        for (const [status, count] of endpoint.statuses) {
          requests.absorb([name, String(status)], Float64Array.of(count));
        }
        for (const { kind, count } of endpoint.failures) {
          failures.absorb([name, kind], Float64Array.of(count));
        }
        if (endpoint.abandoned > 0) abandoned.absorb([name], Float64Array.of(endpoint.abandoned));
        const time = endpoint.responseTime ?? endpoint.serviceTime;
        const buckets = toBuckets(time, LOAD_METRICS.duration.buckets);
        duration.absorb([name], Float64Array.of(...buckets, time.sum));
      }
    },
    render(report) {
      users.set(usersSlot, report.users);
      const isRunning = report.state === "spawning" || report.state === "running";
      const last = isRunning ? report.series.at(-1)?.utilisation : undefined;
      utilisation.set(utilisationSlot, last ?? Number.NaN);
      return writeExposition(families.map(exposeFamily), "text");
    },
  };
}

/** Label values are bounded by the tally. */
const PARTS = { onDropped() {} };
