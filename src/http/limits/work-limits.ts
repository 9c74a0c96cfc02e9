import { TepalError } from "../../kernel/errors.ts";
import type { AppParts } from "../http.ts";

/** Rejects the work of requests to an overloaded server, and counts it by reason. */
export interface WorkLimits {
  /**
   * Returns the error of a request whose head has arrived; undefined if it may run. Administration, health, metrics and the monitor are
   * never rejected.
   */
  checkHead(url: string): TepalError | undefined;
  /**
   * Returns the error of a request whose body has arrived: the server may have become overloaded since its head. Only the lag of the event
   * loop counts, since the request itself is in flight.
   */
  checkBeforeWork(url: string): TepalError | undefined;
  /** Returns the error of a body that does not fit into the memory for bodies. */
  rejectBody(): TepalError;
}

export function createWorkLimits({
  overload,
  metrics,
}: Pick<AppParts, "overload" | "metrics">): WorkLimits {
  const slots = {
    in_flight: metrics.apiOverload.open(["in_flight"]),
    event_loop: metrics.apiOverload.open(["event_loop"]),
    body_memory: metrics.apiOverload.open(["body_memory"]),
  };
  const reject = (reason: keyof typeof slots): TepalError => {
    metrics.apiOverload.add(slots[reason], 1);
    return new TepalError("OVERLOADED", "The server is overloaded. Retry after a few seconds.");
  };

  return {
    checkHead(url) {
      if (isExempt(url)) return undefined;
      const reason = overload.reason();
      return reason === null ? undefined : reject(reason);
    },
    checkBeforeWork(url) {
      if (isExempt(url) || overload.reason() !== "event_loop") return undefined;
      return reject("event_loop");
    },
    rejectBody: () => reject("body_memory"),
  };
}

function isExempt(url: string): boolean {
  return url.startsWith("/admin/") || url.startsWith("/prometheus/");
}
