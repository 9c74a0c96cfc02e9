import type { Alert } from "../prometheus/client.ts";
import type { ServerState } from "../shell/server-state.ts";
import { formatPlural, formatShare } from "../lib/format.ts";

/** The answer to "is it well?". */
export interface Verdict {
  readonly tone: "good" | "warn" | "bad" | "info";
  readonly title: string;
  readonly reasons: readonly string[];
}

export interface VerdictInput {
  readonly server: Pick<ServerState, "state">;
  /** Alerts that fire. */
  readonly firing: readonly Alert[];
  /** Number of alerts whose condition holds, but not for long enough to fire. */
  readonly pending: number;
  /** Share of requests of the last minute; undefined without requests. */
  readonly errorShare: number | undefined;
  /** Predicted rows since the start; undefined if it is not known. */
  readonly predictions: number | undefined;
}

/** Share of failed requests from which the panel Error rate is red. */
const BAD_SHARE = 0.01;

export function evaluate({
  server,
  firing,
  pending,
  errorShare = 0,
  predictions,
}: VerdictInput): Verdict {
  const critical = firing.filter(({ labels }) => labels["severity"] === "critical");
  const bad = [
    ...(server.state === "no model" ? ["No model is ready, so predictions fail."] : []),
    ...(critical.length > 0 ? [`${formatPlural(critical.length, "critical alert")} firing.`] : []),
    ...(errorShare >= BAD_SHARE ? [`${formatShare(errorShare)} of requests fail.`] : []),
  ];
  const warnings = [
    ...(server.state === "stopping" ? ["The server is draining: it stops soon."] : []),
    ...(firing.length > critical.length
      ? [`${formatPlural(firing.length - critical.length, "alert")} firing.`]
      : []),
    ...(errorShare > 0 && errorShare < BAD_SHARE
      ? [`${formatShare(errorShare)} of requests fail.`]
      : []),
    ...(pending > 0 ? [`${formatPlural(pending, "alert")} pending.`] : []),
  ];
  const reasons = [...bad, ...warnings];
  if (bad.length > 0) return { tone: "bad", title: "Needs attention now", reasons };
  if (warnings.length > 0) return { tone: "warn", title: "Needs a look", reasons };
  if (predictions === 0)
    return { tone: "info", title: "Ready for the first prediction", reasons: [] };
  return { tone: "good", title: "All is well", reasons: [] };
}
