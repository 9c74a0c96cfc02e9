import { parseInterval } from "../grafana/interval.ts";
import type { Api, ApiRequest } from "../lib/api.ts";

export type Labels = Readonly<Record<string, string>>;
/** Seconds since 1970, and the value. */
export type Point = readonly [time: number, value: string];

export interface VectorSample {
  readonly metric: Labels;
  readonly value: Point;
}

export interface MatrixSeries {
  readonly metric: Labels;
  readonly values: readonly Point[];
}

/** The result of a query. */
export type QueryResult =
  | { readonly resultType: "vector"; readonly result: readonly VectorSample[] }
  | {
      readonly resultType: "matrix";
      readonly result: readonly MatrixSeries[];
      /** Series that a reply had beside those, which are as many as a page can handle. */
      readonly omitted?: number;
    }
  | { readonly resultType: "scalar" | "string"; readonly result: Point };

export interface Alert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: string;
  readonly activeAt?: string;
  readonly value: string;
}

type Parameters = Readonly<Record<string, string | number>>;

/** The Prometheus HTTP API of the server that this page comes from. Failed requests throw ApiError. */
export interface Client {
  query(expr: string, timeSeconds: number, signal: AbortSignal): Promise<QueryResult>;
  queryRange(
    expr: string,
    start: number,
    end: number,
    step: number,
    signal: AbortSignal,
  ): Promise<QueryResult>;
  labelNames(signal: AbortSignal): Promise<readonly string[]>;
  labelValues(
    label: string,
    parameters: Parameters,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  series(parameters: Parameters, signal: AbortSignal): Promise<readonly Labels[]>;
  alerts(signal: AbortSignal): Promise<readonly Alert[]>;
  /** Returns the shortest time between two scrapes of a target, in milliseconds; undefined without targets. */
  scrapeInterval(signal: AbortSignal): Promise<number | undefined>;
  /** Returns the data of an endpoint, by its path below `api/v1/`. */
  data<T>(path: string, parameters: Parameters, signal: AbortSignal): Promise<T>;
  /** Requests JSON below the console's own URL. */
  own(path: string, signal: AbortSignal): Promise<unknown>;
  /** Returns true while requests are in flight. */
  isBusy(): boolean;
}

/** Longer queries are sent as a form. */
const MAX_URL = 1_800;

/** Parses the body of a reply. */
type Parse = (text: string) => Promise<unknown>;

/**
 * Creates a client. Requests that are the same are sent once; one without callers that wait is aborted.
 *
 * @param parse default: JSON.parse
 */
export function createClient(http: Api, parse?: Parse): Client {
  const running = new Map<string, Shared>();

  function get<T>(path: string, parameters: Parameters, signal: AbortSignal): Promise<T> {
    const form = new URLSearchParams(
      Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString();
    const id = `${path}?${form}`;
    let shared = running.get(id);
    if (shared === undefined) {
      const controller = new AbortController();
      const reply = send(http, path, form, {
        signal: controller.signal,
        ...(parse !== undefined && { parse }),
      }).finally(() => {
        if (running.get(id) === shared) running.delete(id);
      });
      shared = { reply, controller, waiting: 0 };
      running.set(id, shared);
      reply.catch(() => {});
    }
    return wait(shared, signal, () => running.delete(id)) as Promise<T>;
  }

  const api = <T>(path: string, parameters: Parameters, signal: AbortSignal): Promise<T> =>
    get<{ data: T }>(`prometheus/api/v1/${path}`, parameters, signal).then(({ data }) => data);

  return {
    query: (query, time, signal) => api("query", { query, time }, signal),
    queryRange: (query, start, end, step, signal) =>
      api("query_range", { query, start, end, step }, signal),
    labelNames: (signal) => api("labels", {}, signal),
    labelValues: (label, parameters, signal) =>
      api(`label/${encodeURIComponent(label)}/values`, parameters, signal),
    series: (parameters, signal) => api("series", parameters, signal),
    alerts: (signal) => api<{ alerts: Alert[] }>("alerts", {}, signal).then(({ alerts }) => alerts),
    scrapeInterval: (signal) =>
      api<{ activeTargets: readonly { scrapeInterval?: string }[] }>(
        "targets",
        { state: "active" },
        signal,
      ).then(({ activeTargets }) => {
        const known = activeTargets.flatMap(
          ({ scrapeInterval = "" }) => parseInterval(scrapeInterval) ?? [],
        );
        return known.length === 0 ? undefined : Math.min(...known);
      }),
    data: api,
    own: (path, signal) => get(`console/${path}`, {}, signal),
    isBusy: () => running.size > 0,
  };
}

interface Shared {
  readonly reply: Promise<unknown>;
  readonly controller: AbortController;
  waiting: number;
}

function wait(shared: Shared, signal: AbortSignal, forget: () => void): Promise<unknown> {
  shared.waiting++;
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const leave = (): void => {
    shared.waiting--;
    if (shared.waiting === 0) {
      forget();
      shared.controller.abort();
    }
    reject(signal.reason);
  };
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });
  shared.reply.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  return promise;
}

function send(http: Api, path: string, form: string, request: ApiRequest): Promise<unknown> {
  if (form.length <= MAX_URL) return http.json(form === "" ? path : `${path}?${form}`, request);
  const contentType = "application/x-www-form-urlencoded";
  return http.json(path, { ...request, method: "POST", body: form, contentType });
}
