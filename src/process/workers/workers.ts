/**
 * `--workers N`: one primary process, which serves nobody, and N worker processes, each a whole server. The primary opens
 * the port and hands its connections out in turn (node:cluster); it starts, watches and replaces workers, and answers
 * what only somebody who knows all of them can answer.
 *
 * A worker's measurements are in a file that the primary reads (metrics/saved-metrics.ts). Everything else goes as messages
 * between the two, and these are all there are.
 */
import type { Config } from "../../config/config.ts";
import type { RateCount } from "../../http/limits/rate-count.ts";
import type { ApiRequest } from "../../monitor/monitor.ts";
import type { ProcessMetric } from "../../metrics/process-metrics.ts";
import type { ModelStatus, ReloadReport } from "../../model/registry.ts";

/** The descriptor, in each worker, of the file for its measurements. */
export const METRICS_DESCRIPTOR = 4;

/** What a worker asks of the primary. */
export interface PrimaryCalls {
  /** The measurements of all workers, in the Prometheus text format. */
  render(): Promise<string>;
  /** Has every worker look at its files again, and merges what they report. */
  reload(): Promise<ReloadReport>;
  /** Counts requests towards the limit on rate, one for each key, in their order. */
  count(keys: readonly string[]): Promise<readonly RateCount[]>;
  /** Asks the monitor; only where there is one. */
  askMonitor(request: ApiRequest): Promise<WrittenReply>;
  isMonitorReady(): Promise<boolean>;
}

/** What the primary asks of a worker. */
export interface WorkerCalls {
  /** Loads the models and listens. Comes once, first. @throws TepalError as createServer and Server.listen do */
  start(task: WorkerTask): Promise<Started>;
  /** A sign of life: comes back as soon as the event loop gets to it. */
  ping(): Promise<void>;
  /** Saves all measurements as they are now, and gives what their file has no place for. */
  measure(): Promise<Measured>;
  reload(): Promise<ReloadReport>;
  /** Stops as Server.close does; the process ends by itself after the reply. */
  drain(): Promise<void>;
}

/** A reply of the monitor, for JSON. */
export interface WrittenReply {
  readonly status: number;
  /** In base64. */
  readonly body: string;
  readonly gzip: boolean;
}

export interface WorkerTask {
  /** 1 and up; a worker that replaces another has its number. */
  readonly number: number;
  readonly config: Config;
}

export interface Started {
  readonly address: string;
  readonly models: readonly ModelStatus[];
  readonly example: Readonly<Record<string, number | null>> | null;
}

export interface Measured {
  /** Addresses of the clients of the last minutes. */
  readonly clients: readonly string[];
  readonly process: readonly ProcessMetric[];
}
