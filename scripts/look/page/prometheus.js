/** Queries of a dashboard, sent to Prometheus as Grafana's data source sends them. */
import { rangeUtil } from "@grafana/data";

const ANNOTATION_SECONDS = 60;

export function createPrometheus({ url, from, to, variables, scrapeSeconds }) {
  const rangeSeconds = Math.round(to - from);

  async function post(endpoint, parameters) {
    const response = await fetch(`${url}/api/v1/${endpoint}`, {
      method: "POST",
      body: new URLSearchParams(parameters),
    });
    const { status, error, data } = await response.json();
    if (status !== "success") throw new Error(`${parameters.query}: ${error}`);
    return data.result;
  }

  /** Step for a panel of this width in pixels. */
  function toStep(width) {
    const range = { from: { valueOf: () => from * 1_000 }, to: { valueOf: () => to * 1_000 } };
    const { intervalMs } = rangeUtil.calculateInterval(
      range,
      Math.floor(width),
      `${scrapeSeconds}s`,
    );
    return Math.max(intervalMs / 1_000, Math.ceil(rangeSeconds / 11_000));
  }

  function substitute(expr, step) {
    const values = {
      ...variables,
      __rate_interval: `${Math.max(step + scrapeSeconds, 4 * scrapeSeconds)}s`,
      __interval: `${step}s`,
      __range: `${rangeSeconds}s`,
      __range_s: String(rangeSeconds),
    };
    return expr.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (text, a, b) => values[a ?? b] ?? text);
  }

  return {
    instant: (expr, width) => post("query", { query: substitute(expr, toStep(width)), time: to }),
    async range(expr, width) {
      const step = toStep(width);
      const [start, end] = [from, to].map((time) => Math.floor(time / step) * step);
      const query = substitute(expr, step);
      return { step, start, end, series: await post("query_range", { query, start, end, step }) };
    },
    /** Events of the annotation queries: consecutive points of a series are one region. */
    async annotations(list) {
      const found = [];
      for (const { enable, expr, iconColor, useValueForTime } of list) {
        if (!enable || expr === undefined) continue;
        const step = Math.max(ANNOTATION_SECONDS, toStep(1_000));
        const [start, end] = [from, to].map((time) => Math.floor(time / step) * step);
        const series = await post("query_range", {
          query: substitute(expr, step),
          start,
          end,
          step,
        });
        for (const { values } of series) {
          if (useValueForTime) {
            const times = new Set(values.map(([, value]) => Number(value)));
            for (const time of times) found.push({ color: iconColor, from: time, to: time });
            continue;
          }
          let region;
          for (const [seconds, value] of values) {
            if (Number(value) <= 0) continue;
            const time = seconds * 1_000;
            if (region !== undefined && time - region.to <= step * 1_000) region.to = time;
            else found.push((region = { color: iconColor, from: time, to: time }));
          }
        }
      }
      return found;
    },
  };
}
