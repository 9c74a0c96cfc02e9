import type { RunReport, RunSummary } from "../contract/report.ts";

/**
 * Finished runs in a folder: one JSON file per run, with its report. Several processes may use the folder at the same time. The files are
 * not trusted: a damaged, too large or foreign file is ignored, with one warning.
 */
export interface RunArchive {
  /** Newest first. */
  list(): Promise<readonly RunSummary[]>;
  /** Returns undefined if there is no such run, or its file is invalid. */
  read(id: string): Promise<RunReport | undefined>;
  /**
   * Adds a finished run, and removes the oldest ones beyond the limits.
   *
   * @throws TepalError CANNOT_WRITE
   */
  save(report: RunReport): Promise<void>;
  /** Returns false if there was no such run. */
  remove(id: string): Promise<boolean>;
}
