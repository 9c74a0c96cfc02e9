import type { LogLine } from "../contract/log-line.ts";
import type { RunReport } from "../contract/report.ts";
import type { LoadTest } from "../load.ts";
import type { RunArchive } from "./run-archive.ts";

/**
 * The load page: an HTTP server for one load test. It has its own API below /api/load, Locust's paths, /metrics, and the files of the
 * web application.
 *
 *     browser ──► same origin? key? ──► routes ──► load test ──► report ──► JSON, CSV, HTML, events every second
 *                                                      │
 *                                                  archive (one file per run)
 *
 * A client of the page can make this machine send requests anywhere. So the page listens on loopback by default, requires a key beyond
 * it, and rejects changes from pages of other origins (protect.ts).
 */
export interface PageParts {
  readonly loadTest: LoadTest;
  readonly archive: RunArchive;
  /** Returns the key that clients have to send now; null: none. */
  readonly key: () => string | null;
  /** Host names that requests may use for the page, without port; null: any. */
  readonly hostNames: readonly string[] | null;
  /** Lets GET /stop and GET /stats/reset work, as older Locust scripts expect. */
  readonly allowGetStop: boolean;
  /** Folder with the built web application. */
  readonly pageFolder: string;
  /** Version of Tepal. */
  readonly version: string;
  /** Receives errors for the log of this process. */
  readonly onError: (message: string) => void;
}

/** The parts of the page for its routes. */
export interface RouteParts extends PageParts {
  readonly control: RunControl;
  /** Returns the last log lines, oldest first. */
  logs(): readonly LogLine[];
}

/** Starts, changes and stops runs for HTTP clients. */
export interface RunControl {
  /**
   * @param given a part of a plan, as JSON; the rest comes from the defaults
   * @throws TepalError CONFLICT while a run is in progress, INVALID_PLAN with all problems
   */
  start(given: unknown): Promise<void>;
  /** @throws TepalError CONFLICT if no run is in progress, INVALID_PLAN for a change that its profile does not accept */
  edit(given: unknown): Promise<void>;
  /** Stops the run, also one that is starting. Resolves when it is in the archive. */
  stop(): Promise<RunReport>;
  isRunning(): boolean;
}
