import { useEffect, useMemo, useState } from "preact/hooks";
import type { RunReport } from "../../../../src/load/contract/report.ts";
import { ApiError } from "../../lib/api.ts";
import type { Client } from "../../prometheus/client.ts";
import { isInProgress } from "../states.ts";
import {
  MEASUREMENTS,
  toPercentileQuery,
  toSpan,
  toValues,
  type Measurement,
  type Span,
  type TimedValue,
} from "./server-measurements.ts";

/** Prometheus's default, if the server reports no target. */
const DEFAULT_SCRAPE_MS = 15_000;
const WHOLE_RUN = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

export interface ServerMeasurements {
  readonly span: Span;
  readonly values: Readonly<Record<Measurement["id"], readonly TimedValue[]>>;
  /** Percentiles over the whole run in milliseconds; null without requests. */
  readonly total: Readonly<Record<keyof typeof WHOLE_RUN, number | null>>;
}

export interface ServerState {
  readonly data: ServerMeasurements | undefined;
  readonly error: ApiError | undefined;
}

/** Queries the server's measurements for the time of a run: regularly while it is in progress, and until its last window has ended. */
export function useServerMeasurements(report: RunReport, client: Client): ServerState {
  const [state, setState] = useState<ServerState>({ data: undefined, error: undefined });
  const { id, started_at_ms: startedMs, ended_at_ms: endedMs } = report;
  const isRunning = isInProgress(report.state);
  const run = useMemo(() => report, [id, startedMs, endedMs]);
  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function load() {
      let intervalMs = DEFAULT_SCRAPE_MS;
      let isComplete = false;
      try {
        intervalMs = (await client.scrapeInterval(controller.signal)) ?? DEFAULT_SCRAPE_MS;
        const span = toSpan(run, intervalMs / 1_000, Date.now());
        const data = await query(client, span, controller.signal);
        if (controller.signal.aborted) return;
        setState({ data, error: undefined });
        isComplete = !isRunning && span.end < Date.now() / 1_000 - intervalMs / 1_000;
      } catch (error) {
        if (controller.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState(({ data }) => ({ data, error }));
      }
      if (!isComplete) timer = setTimeout(() => void load(), intervalMs);
    }
    void load();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [run, isRunning, client]);
  return state;
}

async function query(client: Client, span: Span, signal: AbortSignal): Promise<ServerMeasurements> {
  const { start, end, step, window } = span;
  const values = await Promise.all(
    MEASUREMENTS.map(async (measurement) => {
      const expr = measurement.toQuery(`${Math.round(window * 1_000)}ms`);
      const { result, resultType } = await client.queryRange(expr, start, end, step, signal);
      const series = resultType === "matrix" ? result : [];
      return [measurement.id, toValues(series, span, measurement)] as const;
    }),
  );
  const whole = `${Math.max(1, Math.ceil(end - start))}s`;
  const total = await Promise.all(
    Object.entries(WHOLE_RUN).map(async ([name, share]) => {
      const reply = await client.query(toPercentileQuery(share, whole), end, signal);
      const value = reply.resultType === "vector" ? Number(reply.result[0]?.value[1]) : Number.NaN;
      return [name, Number.isFinite(value) ? value : null] as const;
    }),
  );
  return {
    span,
    values: Object.fromEntries(values) as ServerMeasurements["values"],
    total: Object.fromEntries(total) as ServerMeasurements["total"],
  };
}
