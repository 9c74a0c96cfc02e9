import type { LogLine, LoadTest } from "../load.ts";
import type { RunPlan } from "../contract/plan.ts";
import type { RunHistory } from "./run-archive.ts";
import type { RunControl } from "./run-control.ts";

/**
 * The load test over HTTP: its own API below /api/load, Locust's paths, /metrics, and the page's files.
 *
 *     browser ──► same origin? key? ──► routes ──► load test ──► report ──► JSON, CSV, HTML, events each second
 *                                                      │
 *                                                   history (a file a run)
 *
 * Whoever reaches the page can have this machine send requests anywhere. So it listens on this machine only, and beyond it asks
 * for a key; a page of another origin can change nothing (`protect.ts`).
 */
export interface PageParts {
  readonly loadTest: LoadTest;
  readonly history: RunHistory;
  /** What a start that says nothing else runs. */
  readonly defaults: RunPlan;
  /** What callers must send; null asks nobody. */
  readonly key: string | null;
  /** Names of this server that a request may be meant for, without port; null: any. */
  readonly hostNames: readonly string[] | null;
  /** Whether GET /stop and GET /stats/reset change something, as older Locust scripts expect. */
  readonly allowGetStop: boolean;
  /** What the page's build wrote. */
  readonly pageFolder: string;
  /** Tepal's. */
  readonly version: string;
  /** For the log of this process. */
  readonly onError: (message: string) => void;
}

/** What routes need beside the parts. */
export interface RouteParts extends PageParts {
  readonly control: RunControl;
  /** The last of them, oldest first. */
  logs(): readonly LogLine[];
}
