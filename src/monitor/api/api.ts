/**
 * The Prometheus HTTP API over the monitor's own history. This file is the folder's door: what an endpoint is given and what
 * it gives. An endpoint is a pure function of both; nothing here knows of HTTP but the status of an error.
 *
 * Shapes, texts and formats are those of Prometheus 3, so that whatever can ask a Prometheus can ask this.
 */
import type { Clock } from "../../kernel/clock.ts";
import type { Alerting } from "../../alerts/alerts.ts";
import type { TargetStatus } from "../../series/scrape/scrape-loop.ts";
import type { SeriesStore } from "../../series/store/series-store.ts";
import type { JsonBytes } from "./json-bytes.ts";

/** What the endpoints ask. */
export interface ApiParts {
  readonly store: SeriesStore;
  listTargets(): readonly TargetStatus[];
  readonly alerting: Pick<Alerting, "listGroups" | "listAlerts">;
  readonly clock: Clock;
  readonly limits: QueryLimits;
  readonly about: About;
}

export interface QueryLimits {
  readonly timeoutSeconds: number;
  readonly maxSamples: number;
}

/** What the status endpoints tell. */
export interface About {
  /** Tepal's version. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly folder: string;
  readonly retentionSeconds: number;
  readonly scrapeIntervalSeconds: number;
  /** Every option of the monitor, as a text, by the name of its flag. */
  readonly flags: Readonly<Record<string, string>>;
  /** What is scraped and which rules are evaluated, in the form of Prometheus's configuration. */
  readonly config: object;
}

/** One request, as far as endpoints care. */
export interface ApiCall {
  /** Of the body's form and the address, the form's first. */
  readonly parameters: URLSearchParams;
  /** The label's, of `label/NAME/values`; else "". */
  readonly name: string;
  /** How long the request waited for its turn. */
  readonly waitedSeconds: number;
}

export interface ApiAnswer {
  /** Writes the value of `data`, which may be large, as JSON. */
  readonly write: (out: JsonBytes) => void;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

/** @throws TepalError QUERY_INVALID, QUERY_FAILED, QUERY_TIMEOUT or NOT_FOUND; anything else is a fault of ours */
export type Endpoint = (parts: ApiParts, call: ApiCall) => ApiAnswer;

/** An answer that is small enough to be made as a value first. */
export function toAnswer(data: unknown, warnings: readonly string[] = []): ApiAnswer {
  return { write: (out) => out.add(JSON.stringify(data)), warnings };
}

export const TRUNCATED = "results truncated due to limit";
