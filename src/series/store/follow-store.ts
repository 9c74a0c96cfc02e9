import type { GroupSet } from "./group-set.ts";
import type { Head } from "./head.ts";
import { openBlock, type Block } from "./block.ts";
import type { SeriesEntry } from "./series-entry.ts";
import type { SeriesGroup } from "./series-group.ts";
import type { Followed, FollowedSeries, Pending, StoreFollower } from "./series-store.ts";

/** Appends of a group that follow each other, in one head. */
interface Span {
  readonly head: Head;
  /** Indexes in the head: from the first append to before the last one. */
  readonly from: number;
  readonly to: number;
  /** Series that had a sample at the append before the first one. */
  readonly before: ReadonlySet<SeriesEntry>;
}

/** Creates a reader that follows the appends of a store (`SeriesStore.follow`). */
export function createStoreFollower(groups: GroupSet, samplesPerBlock: number): StoreFollower {
  /** The block of each group that was decoded last: while a follower catches up, it reads a block in several pieces. */
  const opened = new WeakMap<SeriesGroup, { readonly block: Block; readonly head: Head }>();
  /** The number of the first unread append of each group, and its series, at the last look. */
  const seen = new WeakMap<SeriesGroup, { readonly number: number; readonly series: number }>();
  /** Groups whose position is after their last append, because the clock was set back, with the time from which on they continue. */
  const ahead = new WeakMap<SeriesGroup, { readonly position: number; readonly lastMs: number }>();
  let lost = 0;

  /** Returns the number of the first append that is not read. */
  function toUnread(group: SeriesGroup, position: number): number {
    const { times } = group;
    let known = ahead.get(group);
    if (known?.position !== position) {
      known = position > times.lastMs ? { position, lastMs: times.lastMs } : undefined;
      if (known === undefined) ahead.delete(group);
      else ahead.set(group, known);
    }
    return times.findBehind(known?.lastMs ?? position);
  }

  function open(group: SeriesGroup, block: Block, first: number): Head {
    const known = opened.get(group);
    if (known?.block === block) return known.head;
    const times = group.times.view(first, first + block.count);
    const head = openBlock(block, times, Math.max(samplesPerBlock, block.count));
    opened.set(group, { block, head });
    return head;
  }

  /** Returns the head that has the append with a number, and the number of the head's first append. */
  function findHead(group: SeriesGroup, number: number): { head: Head; first: number } {
    const placed = group.blocks.at(group.blocks.findIndex(number));
    if (placed !== undefined) {
      return { head: open(group, placed.block, placed.first), first: placed.first };
    }
    opened.delete(group);
    return { head: group.head, first: group.times.end - group.head.length };
  }

  function findPresent(group: SeriesGroup, number: number): ReadonlySet<SeriesEntry> {
    if (number < group.times.start || number >= group.times.end) return new Set();
    const { head, first } = findHead(group, number);
    const at = number - first;
    return new Set(head.entries.filter((_, row) => head.absent[row * head.capacity + at] === 0));
  }

  /**
   * @param untilMs appends after this time are left out, except the first one
   */
  function toSpan(group: SeriesGroup, number: number, maxSamples: number, untilMs: number): Span {
    const before = findPresent(group, number - 1);
    const { head, first } = findHead(group, number);
    const from = number - first;
    const appends = Math.max(1, Math.floor(maxSamples / Math.max(1, head.entries.length)));
    let to = Math.min(head.length, from + appends);
    while (to > from + 1 && head.times[to - 1]! > untilMs) to -= 1;
    return { head, from, to, before };
  }

  /** Yields the groups with unread appends, and counts appends that were dropped before they were read. */
  function* listUnread(
    toPosition: (group: string) => number,
  ): Iterable<{ readonly group: SeriesGroup; readonly number: number }> {
    for (const group of groups) {
      const number = toUnread(group, toPosition(group.name));
      const last = seen.get(group);
      if (last !== undefined && group.times.start > last.number) {
        lost += (group.times.start - last.number) * last.series;
      }
      const series = number < group.times.end ? countSeries(group, number) : 0;
      seen.set(group, { number: Math.max(number, group.times.start), series });
      if (number < group.times.end) yield { group, number };
    }
  }

  function hasShared(group: SeriesGroup): boolean {
    for (const { key } of group.series) if (groups.isShared(key)) return true;
    return false;
  }

  /** Returns true if another group has a sample of a series at a time or later: the series does not end then. */
  function continues({ group, key, labels }: SeriesEntry, timeMs: number): boolean {
    if (!groups.isShared(key)) return false;
    for (const other of groups) {
      const entry = other === group ? undefined : other.series.find(labels);
      if (entry !== undefined && entry.lastMs >= timeMs) return true;
    }
    return false;
  }

  return {
    read(toPosition, maxSamples) {
      const unread = [...listUnread(toPosition)].toSorted(
        (a, b) => a.group.times.at(a.number) - b.group.times.at(b.number),
      );
      const series: FollowedSeries[] = [];
      const positions = new Map<string, number>();
      let samples = 0;
      // Groups with common series are read in the order of time: a receiver rejects samples that are older than others of their series.
      const ordered = new Map(
        unread
          .filter(({ group }) => hasShared(group))
          .map(({ group, number }) => [group, group.times.at(number)]),
      );
      for (const { group, number } of unread) {
        if (samples >= maxSamples) break;
        const untilMs = ordered.delete(group) ? Math.min(...ordered.values()) : Infinity;
        const span = toSpan(group, number, maxSamples - samples, untilMs);
        const read = readSpan(span, continues);
        series.push(...read);
        samples += read.reduce((sum, { times }) => sum + times.length, 0);
        positions.set(group.name, span.head.times[span.to - 1]!);
        const next = number + span.to - span.from;
        if (untilMs !== Infinity && next < group.times.end)
          ordered.set(group, group.times.at(next));
      }
      return positions.size === 0 ? undefined : ({ series, positions, samples } satisfies Followed);
    },

    pending(toPosition) {
      let samples = 0;
      let oldestMs = Number.POSITIVE_INFINITY;
      for (const { group, number } of listUnread(toPosition)) {
        oldestMs = Math.min(oldestMs, group.times.at(number));
        samples += countSamples(group, number);
      }
      return { samples, oldestMs } satisfies Pending;
    },

    lostSamples: () => lost,
  };
}

function readSpan(
  { head, from, to, before }: Span,
  continues: (entry: SeriesEntry, timeMs: number) => boolean,
): FollowedSeries[] {
  const { capacity, entries, times: allTimes, values: allValues, absent } = head;
  const found: FollowedSeries[] = [];
  for (const [row, entry] of entries.entries()) {
    const times: number[] = [];
    const values: number[] = [];
    const stale: boolean[] = [];
    let isLive = before.has(entry);
    for (let i = from; i < to; i++) {
      const isAbsent = absent[row * capacity + i] === 1;
      if (isAbsent && !isLive) continue;
      isLive = !isAbsent;
      if (isAbsent && continues(entry, allTimes[i]!)) continue;
      times.push(allTimes[i]!);
      values.push(allValues[row * capacity + i]!);
      stale.push(isAbsent);
    }
    if (times.length > 0) found.push({ labels: entry.labels, times, values, stale });
  }
  return found;
}

/** Returns the number of series of the block or head with an append. */
function countSeries(group: SeriesGroup, number: number): number {
  const placed = group.blocks.at(group.blocks.findIndex(number));
  return placed?.block.layout.entries.length ?? group.head.entries.length;
}

/** Returns the maximum number of samples from an append on: absent ones count. */
function countSamples(group: SeriesGroup, from: number): number {
  const headStart = group.times.end - group.head.length;
  let samples = (group.times.end - Math.max(from, headStart)) * group.head.entries.length;
  for (let i = group.blocks.findIndex(from); i < group.blocks.length; i++) {
    const { first, block } = group.blocks.at(i)!;
    samples += (first + block.count - Math.max(from, first)) * block.layout.entries.length;
  }
  return samples;
}
