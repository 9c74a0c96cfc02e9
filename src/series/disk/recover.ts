import { toMessage } from "../../kernel/errors.ts";
import type { RestorableStore } from "../store/create-series-store.ts";
import { decodeFrames } from "./frames.ts";
import { decodeRows, decodeSample } from "./open-record.ts";
import type { Labels } from "../series.ts";
import { createNamesReader, decodeWindow } from "./window-record.ts";

/** Kinds of frames in history files. */
export const FRAME_KINDS = { window: 1, rows: 2, sample: 3 } as const;

/** Result of the recovery of one file. */
interface Recovered {
  /** The newest time of the file; undefined for a file without samples. */
  readonly lastMs: number | undefined;
  /** Descriptions of the parts that could not be read. */
  readonly problems: readonly string[];
}

/** Adds all complete sealed windows of a file to a store. */
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
      // A window may be in two files if the process stopped between sealing and truncating.
      store.restore(group, window);
    } catch (error) {
      problems.push(`skipped a window: ${toMessage(error)}`);
    }
  }
  return { lastMs, problems };
}

/** Appends the complete samples of an open window to a store that does not have them yet. */
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
      problems.push(`skipped a scrape: ${toMessage(error)}`);
    }
  }
  return { lastMs, problems };
}

function describeDamage(damagedBytes: number, bytes: number): string[] {
  return damagedBytes === 0
    ? []
    : [`${damagedBytes} of ${bytes} bytes are damaged or have another format; skipped them`];
}
