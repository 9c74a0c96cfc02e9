import type { PrometheusClient } from "@prometheus-io/codemirror-promql";
import type { Client } from "../../prometheus/client.ts";
import type { Metadata } from "../metadata.ts";

const LIFETIME_MS = 60_000;
const PLAIN_NAME = /^[a-zA-Z_:][\w:]*$/;

/** The data that completion reads, requested with the session's key and kept for a minute. Errors complete nothing. */
export function createCompletionClient(client: Client): PrometheusClient {
  const kept = new Map<string, { readonly until: number; readonly reply: Promise<unknown> }>();
  const closing = new AbortController();

  function read<T>(path: string, metric: string | undefined, empty: T): Promise<T> {
    const name = metric ?? "";
    const selector = PLAIN_NAME.test(name) ? name : `{__name__=${JSON.stringify(name)}}`;
    const key = `${path} ${name}`;
    const known = kept.get(key);
    if (known !== undefined && known.until > Date.now()) return known.reply as Promise<T>;
    const reply = client
      .data<T>(path, name === "" ? {} : { "match[]": selector }, closing.signal)
      .catch(() => {
        kept.delete(key);
        return empty;
      });
    kept.set(key, { until: Date.now() + LIFETIME_MS, reply });
    return reply;
  }

  const values = (label: string, metric?: string): Promise<string[]> =>
    read<string[]>(`label/${encodeURIComponent(label)}/values`, metric, []);

  return {
    labelNames: (metric) => read<string[]>("labels", metric, []),
    labelValues: values,
    metricNames: () => values("__name__"),
    metricMetadata: async () => {
      const metadata = await read<Metadata>("metadata", undefined, {});
      return Object.fromEntries(Object.entries(metadata).map(([name, list]) => [name, [...list]]));
    },
    series: async (metric) => {
      const series = await read<Record<string, string>[]>("series", metric, []);
      return series.map((labels) => new Map(Object.entries(labels)));
    },
    flags: () => Promise.resolve({}),
    destroy: () => closing.abort(),
  };
}
