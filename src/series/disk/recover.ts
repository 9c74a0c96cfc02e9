import { toMessage } from "../../kernel/errors.ts";
import type { RestorableStore } from "../store/create-series-store.ts";
import { decodeFrames } from "./frames.ts";
import { decodeRows, decodeSample } from "./open-record.ts";
import type { Labels } from "../series.ts";
import { createNamesReader, decodeWindow } from "./window-record.ts";

/** What a frame of the history's files holds. */
export const FRAME_KINDS = { window: 1, rows: 2, sample: 3 } as const;

/** What became of one file. */
interface Recovered {
  /** The newest time in it; undefined when it has none. */
  readonly lastMs: number | undefined;
  /** What could not be read, in words. */
  readonly problems: readonly string[];
}

/** Fills a store with the sealed windows of a file, all that are whole. */
export function readWindows(bytes: Buffer, store: RestorableStore): Recovered {
  const { frames, damagedBytes } = decodeFrames(bytes);
  const problems = describeDamage(damagedBytes, bytes.length);
  const readNames = createNamesReader();
  let lastMs: number | undefined;
  for (const { kind, payload } of frames) {
    if (kind !== FRAME_KINDS.window) continue;
    try {
      const { group, window } = decodeWindow(payload, readNames);
      const windowLastMs = window.times.at(-1);
      if (windowLastMs === undefined) continue;
      lastMs = Math.max(lastMs ?? windowLastMs, windowLastMs);
      // What was sealed again after a stop at the wrong moment is there already.
      store.restore(group, window);
    } catch (error) {
      problems.push(`a window is left out: ${toMessage(error)}`);
    }
  }
  return { lastMs, problems };
}

/** Appends the samples of an open window to a store, all that are whole and that it does not have yet. */
export function readOpenWindow(bytes: Buffer, store: RestorableStore): Recovered {
  const { frames, damagedBytes } = decodeFrames(bytes);
  const problems = describeDamage(damagedBytes, bytes.length);
  const rows = new Map<number, Labels>();
  let group: string | undefined;
  let lastMs: number | undefined;
  for (const { kind, payload } of frames) {
    try {
      if (kind === FRAME_KINDS.rows) group = decodeRows(payload, rows);
      if (kind !== FRAME_KINDS.sample || group === undefined) continue;
      const { timeMs, samples } = decodeSample(payload, rows);
      store.append(group, timeMs, samples);
      lastMs = timeMs;
    } catch (error) {
      problems.push(`a scrape is left out: ${toMessage(error)}`);
    }
  }
  return { lastMs, problems };
}

function describeDamage(damagedBytes: number, bytes: number): string[] {
  return damagedBytes === 0
    ? []
    : [`${damagedBytes} of ${bytes} bytes are damaged or not ours, and left out`];
}
