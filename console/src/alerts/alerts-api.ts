import { ApiError, type Api } from "../lib/api.ts";
import type { Receiver, RuleGroup, Silence, TestReport } from "./alert-types.ts";

/** The alerts of the page, and what happens with them. */
export interface AlertData {
  readonly groups: readonly RuleGroup[];
  /** Undefined if the server has no evaluator of its own, or shows the alerts of a Prometheus. */
  readonly silences: readonly Silence[] | undefined;
  readonly receivers: readonly Receiver[] | undefined;
  /** URL of the Prometheus whose alerts these are; null for the server's own. */
  readonly prometheusUrl: string | null;
  /** URLs of the Alertmanagers that get the alerts. */
  readonly alertmanagers: readonly string[];
  /** Start of the history, in milliseconds since 1970; undefined if it is not known. */
  readonly startMs: number | undefined;
}

interface Source {
  readonly kind: string | null;
  readonly url: string | null;
}

/** Requests an endpoint of the Prometheus API. */
export async function getData<T>(api: Api, path: string, signal: AbortSignal): Promise<T> {
  const { data } = await api.json<{ readonly data: T }>(`prometheus/api/v1/${path}`, { signal });
  return data;
}

/** Returns undefined for what the server does not have, or does not give to this key. */
export async function optional<T>(reply: Promise<T>): Promise<T | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof ApiError && error.failure !== "unreachable") return undefined;
    throw error;
  }
}

export async function loadAlerts(api: Api, signal: AbortSignal): Promise<AlertData> {
  const source = await optional(api.json<Source>("console/source", { signal }));
  const isOwn = source?.kind !== "prometheus";
  const [rules, silences, receivers, alertmanagers, tsdb] = await Promise.all([
    getData<{ groups: readonly RuleGroup[] }>(api, "rules?type=alert", signal),
    isOwn
      ? optional(api.json<readonly Silence[]>("alertmanager/api/v2/silences", { signal }))
      : undefined,
    isOwn
      ? optional(api.json<{ receivers: readonly Receiver[] }>("admin/receivers", { signal }))
      : undefined,
    optional(
      getData<{ activeAlertmanagers?: readonly { url: string }[] }>(api, "alertmanagers", signal),
    ),
    optional(getData<{ headStats?: { minTime?: number } }>(api, "status/tsdb?limit=1", signal)),
  ]);
  const startMs = tsdb?.headStats?.minTime;
  return {
    groups: rules.groups,
    silences,
    receivers: receivers?.receivers,
    prometheusUrl: isOwn ? null : source.url,
    alertmanagers: (alertmanagers?.activeAlertmanagers ?? []).map(({ url }) =>
      url.replace(/\/api\/v\d\/alerts$/, ""),
    ),
    // The head of a Prometheus begins later than its blocks.
    startMs: isOwn && startMs !== undefined && startMs > 0 ? startMs : undefined,
  };
}

export async function createSilence(api: Api, body: object): Promise<void> {
  await api.json("alertmanager/api/v2/silences", { method: "POST", body });
}

export async function expireSilence(api: Api, id: string): Promise<void> {
  await api.json(`alertmanager/api/v2/silence/${id}`, { method: "DELETE" });
}

export function testReceiver(api: Api, id: string): Promise<TestReport> {
  return api.json(`admin/receivers/${id}/test`, { method: "POST", body: {} });
}

export function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
