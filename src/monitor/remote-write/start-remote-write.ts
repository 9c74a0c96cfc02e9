import { setTimeout as sleep } from "node:timers/promises";
import { toBackOffSeconds } from "../../alerts/notify/back-off.ts";
import type { Clock } from "../../kernel/clock.ts";
import { toMessage } from "../../kernel/errors.ts";
import { createLabels } from "../../series/labels.ts";
import type { Log } from "../../series/log.ts";
import { METRIC_NAME, type Labels } from "../../series/series.ts";
import type { TargetStatus } from "../../series/scrape/scrape-loop.ts";
import type { Followed, SeriesStore } from "../../series/store/series-store.ts";
import { encodeRequest } from "./encode-request.ts";
import { loadPositions, savePositions, type Positions } from "./position-file.ts";
import { createWriteReceiver, type WriteOutcome, type WriteReceiver } from "./receiver.ts";
import type { RemoteWrite, WriteMetadata, WriteSeries, WriteVersion } from "./remote-write.ts";

export interface RemoteWriteParts {
  readonly url: string;
  readonly headersFile: string | null;
  readonly store: Pick<SeriesStore, "follow">;
  listTargets(): readonly Pick<TargetStatus, "metadata">[];
  readonly externalLabels: ReadonlyMap<string, string>;
  /** File of the position; undefined to keep it in memory. */
  readonly positionFile: string | undefined;
  /** A receiver without a position gets the samples after this time. */
  readonly sinceMs: number;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "warn">;
  /** Time to send the last samples when the monitor closes. @default 1 */
  readonly closeSeconds?: number;
}

/** Samples of a request. A scrape with more is sent as one request, so that the position never lies within it. */
const BATCH_SAMPLES = 5_000;
/** Time in which the samples of several targets and rules gather in one request. */
const GATHER_SECONDS = 1;
const CLOSE_SECONDS = 1;
/** Rejections are logged at most this often. */
const LOG_SECONDS = 60;
const UNSUPPORTED_MEDIA_TYPE = 415;
const BAD_REQUEST = 400;

/** Starts to send the samples of a store. The headers file was checked when the server started. */
export async function startRemoteWrite(parts: RemoteWriteParts): Promise<RemoteWrite> {
  const { positionFile, url, log, sinceMs } = parts;
  const stored =
    positionFile === undefined ? undefined : await loadPositions(positionFile, url, log);
  const sender = new Sender(parts, stored ?? { sinceMs, groups: new Map() });
  const running = sender.run();
  let closing: Promise<void> | undefined;
  return {
    statistics: () => sender.statistics(),
    close: () => (closing ??= sender.close(running)),
  };
}

class Sender {
  readonly #parts: RemoteWriteParts;
  readonly #receiver: WriteReceiver;
  readonly #follower: ReturnType<SeriesStore["follow"]>;
  readonly #positions: Positions;
  readonly #counts = { sent: 0, failed: 0, retries: 0 };
  /** Ends waits. */
  readonly #stopping = new AbortController();
  /** Ends requests. */
  readonly #closed = new AbortController();
  readonly #withExternal = new WeakMap<Labels, Labels>();
  /** 1 once the receiver has turned out not to support 2.0. */
  #version: WriteVersion = 2;
  /** True once the receiver has stored samples of 2.0. */
  #isConfirmed = false;
  #failures = 0;
  #loggedSeconds = Number.NEGATIVE_INFINITY;
  #isSaved = true;

  constructor(parts: RemoteWriteParts, positions: Positions) {
    this.#parts = parts;
    this.#positions = positions;
    this.#receiver = createWriteReceiver(new URL(parts.url), parts.headersFile);
    this.#follower = parts.store.follow();
  }

  statistics() {
    const { samples, oldestMs } = this.#follower.pending(this.#toPosition);
    const lagMs = oldestMs === Number.POSITIVE_INFINITY ? 0 : this.#parts.clock.nowMs() - oldestMs;
    return {
      ...this.#counts,
      dropped: this.#follower.lostSamples(),
      pending: samples,
      lagSeconds: Math.max(0, lagMs / 1_000),
    };
  }

  /** Sends until it is stopped, and then once more what is left. */
  async run(): Promise<void> {
    const { signal } = this.#stopping;
    // A receiver without a position must not get older samples after a restart.
    await this.#save();
    while (!signal.aborted) {
      const batch = this.#follower.read(this.#toPosition, BATCH_SAMPLES);
      const waitSeconds = batch === undefined ? 0 : await this.#send(batch);
      if (batch === undefined || batch.samples < BATCH_SAMPLES || waitSeconds > 0) {
        const seconds = Math.max(GATHER_SECONDS, waitSeconds);
        await sleep(seconds * 1_000, undefined, { signal, ref: false }).catch(() => {});
      }
    }
    for (;;) {
      if (this.#closed.signal.aborted || this.#failures > 0) return;
      const batch = this.#follower.read(this.#toPosition, BATCH_SAMPLES);
      if (batch === undefined || (await this.#send(batch)) > 0) return;
    }
  }

  async close(running: Promise<void>): Promise<void> {
    const { closeSeconds = CLOSE_SECONDS } = this.#parts;
    const timer = setTimeout(() => this.#closed.abort(), closeSeconds * 1_000);
    this.#stopping.abort();
    await running;
    clearTimeout(timer);
    await this.#receiver.close();
  }

  readonly #toPosition = (group: string): number =>
    this.#positions.groups.get(group) ?? this.#positions.sinceMs;

  /** Sends a batch once. @returns seconds to wait before it is sent again; 0 if it is done */
  async #send(batch: Followed): Promise<number> {
    const outcome = await this.#post(this.#toSeries(batch));
    if (this.#closed.signal.aborted && outcome.kind === "failed") return GATHER_SECONDS;
    if (outcome.kind === "failed") return this.#retry(outcome);
    if (outcome.kind === "accepted") {
      this.#counts.sent += batch.samples;
      if (this.#failures > 0) {
        this.#parts.log.info(`${this.#receiver.origin} accepts samples again`);
      }
    } else {
      this.#counts.failed += batch.samples;
      this.#warn(
        `${this.#receiver.origin} rejected ${batch.samples} samples, which are not sent again: ${outcome.reason}`,
      );
    }
    this.#failures = 0;
    for (const [group, timeMs] of batch.positions) this.#positions.groups.set(group, timeMs);
    await this.#save();
    return 0;
  }

  /** Sends in the version that the receiver supports: 2.0, or else 1.0. */
  async #post(series: readonly WriteSeries[]): Promise<WriteOutcome> {
    const { signal } = this.#closed;
    if (this.#version === 1) return this.#receiver.post(encodeRequest(series, 1), 1, signal);
    const first = await this.#receiver.post(encodeRequest(series, 2), 2, signal);
    if (first.kind === "accepted" && first.isConfirmed) this.#isConfirmed = true;
    // A receiver of 1.0 may ignore the fields of 2.0, accept the request, and store nothing.
    const mayBeOld =
      (first.kind === "accepted" && !first.isConfirmed) ||
      (first.kind === "rejected" &&
        (first.status === UNSUPPORTED_MEDIA_TYPE ||
          (first.status === BAD_REQUEST && !this.#isConfirmed)));
    if (!mayBeOld) return first;
    const second = await this.#receiver.post(encodeRequest(series, 1), 1, signal);
    if (second.kind === "accepted") {
      this.#version = 1;
      this.#parts.log.info(
        `${this.#receiver.origin} gets remote write 1.0: it does not support 2.0`,
      );
    }
    return second;
  }

  #retry({ reason, waitSeconds }: WriteOutcome & { readonly kind: "failed" }): number {
    this.#counts.retries += 1;
    this.#failures += 1;
    this.#warn(
      `${this.#receiver.origin} does not accept samples, which are sent again later: ${reason}`,
    );
    return Math.max(waitSeconds, toBackOffSeconds(this.#failures));
  }

  #warn(message: string): void {
    const seconds = this.#parts.clock.monotonicSeconds();
    if (seconds - this.#loggedSeconds < LOG_SECONDS) return;
    this.#loggedSeconds = seconds;
    this.#parts.log.warn(message);
  }

  #toSeries({ series }: Followed): readonly WriteSeries[] {
    const targets = this.#parts.listTargets();
    const known = new Map<string, WriteMetadata | undefined>();
    return series.map(({ labels, ...samples }) => {
      const name = labels.get(METRIC_NAME) ?? "";
      if (!known.has(name)) known.set(name, findMetadata(targets, name));
      return { ...samples, labels: this.#addExternal(labels), metadata: known.get(name) };
    });
  }

  #addExternal(labels: Labels): Labels {
    const { externalLabels } = this.#parts;
    if (externalLabels.size === 0) return labels;
    let added = this.#withExternal.get(labels);
    if (added === undefined) {
      added = createLabels([...externalLabels, ...labels]);
      this.#withExternal.set(labels, added);
    }
    return added;
  }

  /** Writes the position. A failure is logged, and the next acknowledgment writes again. */
  async #save(): Promise<void> {
    const { positionFile, url, log } = this.#parts;
    if (positionFile === undefined) return;
    try {
      await savePositions(positionFile, url, this.#positions);
      this.#isSaved = true;
    } catch (error) {
      if (this.#isSaved) {
        log.warn(
          `Cannot write the position of remote write; a restart would send samples again: ${toMessage(error)}`,
        );
      }
      this.#isSaved = false;
    }
  }
}

/** The metric of a histogram's or summary's series has the metadata. */
function findMetadata(
  targets: readonly Pick<TargetStatus, "metadata">[],
  name: string,
): WriteMetadata | undefined {
  const base = name.replace(/_(?:bucket|sum|count)$/, "");
  for (const { metadata } of targets) {
    const found = metadata.get(name) ?? metadata.get(base);
    if (found !== undefined) return found;
  }
  return undefined;
}
