import { toMessage } from "../../kernel/errors.ts";
import type { Labels } from "../series.ts";
import type { RestorableStore } from "../store/restorable-store.ts";
import { createNamesReader, decodeBlock } from "./block-record.ts";
import { decodeFrames, FRAME_KINDS } from "./frames.ts";
import { decodeSamples, decodeSeries } from "./wal-record.ts";

/** Result of the recovery of one file. */
interface Recovered {
  /** The newest time of the file; undefined for a file without samples. */
  readonly lastMs: number | undefined;
  /** Descriptions of the parts that could not be read. */
  readonly problems: readonly string[];
}

/** Adds all complete blocks of a segment to a store. */
export function readSegment(bytes: Buffer, store: RestorableStore): Recovered {
  const { frames, damagedBytes } = decodeFrames(bytes);
  const problems = describeDamage(damagedBytes, bytes.length);
  const readNames = createNamesReader();
  let lastMs: number | undefined;
  for (const { kind, payload } of frames) {
    try {
      if (kind === FRAME_KINDS.setAside) {
        const [group, afterMs]: [string, number] = JSON.parse(payload.toString());
        store.restoreSetAside(group, afterMs);
        if (lastMs !== undefined) lastMs = Math.min(lastMs, afterMs);
      }
      if (kind !== FRAME_KINDS.block) continue;
      const { group, block } = decodeBlock(payload, readNames);
      const blockLastMs = block.times.at(-1);
      if (blockLastMs === undefined) continue;
      lastMs = Math.max(lastMs ?? blockLastMs, blockLastMs);
      // A block may be in two files if the process stopped between sealing and truncating.
      store.restore(group, block);
    } catch (error) {
      problems.push(`skipped a block: ${toMessage(error)}`);
    }
  }
  return { lastMs, problems };
}

/** Appends the complete samples of a write-ahead log to a store that does not have them yet. */
export function readWal(bytes: Buffer, store: RestorableStore): Recovered {
  const { frames, damagedBytes } = decodeFrames(bytes);
  const problems = describeDamage(damagedBytes, bytes.length);
  const rows = new Map<number, Labels>();
  let group: string | undefined;
  let lastMs: number | undefined;
  for (const { kind, payload } of frames) {
    try {
      if (kind === FRAME_KINDS.series) group = decodeSeries(payload, rows);
      if (kind !== FRAME_KINDS.samples || group === undefined) continue;
      const { timeMs, samples } = decodeSamples(payload, rows);
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
