import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { parseInterval } from "../grafana/interval.ts";
import { resolveRange, widenRange, type RawRange, type TimeRange } from "../grafana/time-range.ts";
import { useReconnect } from "../lib/reconnect.ts";
import { nowMs } from "../lib/server-clock.ts";
import { changeParameters, navigate, toFragment, type Place } from "./location.ts";

export interface Time {
  readonly raw: RawRange;
  readonly refresh: string;
  /** The range at the last refresh. */
  readonly range: TimeRange;
  /** Refreshes now. */
  readonly again: () => void;
  readonly setRange: (range: RawRange) => void;
  /** Shows twice the range around its middle, up to now. */
  readonly zoomOut: () => void;
  readonly setRefresh: (refresh: string) => void;
}

const HOUR_MS = 3_600_000;
/** Time until a refresh is tried again that came while queries were in flight. */
const RETRY_MS = 250;

/**
 * The time range and refresh of a page, which its URL holds. A refresh waits for the queries of the one before, so that slow queries
 * are not superseded forever; a page in the background is not refreshed.
 */
export function useTime(
  place: Place,
  defaults: { readonly time: RawRange; readonly refresh: string },
  isBusy: () => boolean,
): Time {
  const { path, parameters } = place;
  const from = parameters.get("from") ?? defaults.time.from;
  const to = parameters.get("to") ?? defaults.time.to;
  const refresh = parameters.get("refresh") ?? defaults.refresh;
  const [now, setNow] = useState(nowMs);
  const again = useCallback(() => setNow(nowMs()), []);
  useReconnect(again);

  const intervalMs = refresh === "" ? undefined : parseInterval(refresh);
  useEffect(() => {
    if (intervalMs === undefined) return;
    let timer: ReturnType<typeof setTimeout>;
    const tick = (): void => {
      const isLate = document.hidden || isBusy();
      if (!isLate) again();
      timer = setTimeout(tick, isLate ? RETRY_MS : intervalMs);
    };
    timer = setTimeout(tick, intervalMs);
    return () => clearTimeout(timer);
  }, [intervalMs, isBusy]);

  const range = useMemo(
    () => resolveRange({ from, to }, now) ?? { from: now - HOUR_MS, to: now },
    [from, to, now],
  );
  const change = (changes: Readonly<Record<string, readonly string[]>>): void =>
    navigate(toFragment(path, changeParameters(parameters, changes)));
  const setRange = (next: RawRange): void => {
    change({ from: [next.from], to: [next.to] });
    again();
  };
  return {
    raw: { from, to },
    refresh,
    range,
    again,
    setRange,
    zoomOut: () => {
      const wider = widenRange(range, nowMs());
      setRange({ from: String(wider.from), to: String(wider.to) });
    },
    setRefresh: (next) => change({ refresh: [next] }),
  };
}
