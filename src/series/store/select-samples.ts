import type { Matcher, SeriesSamples } from "../series.ts";
import type { GroupReader } from "./series-entry.ts";
import type { GroupSet } from "./group-set.ts";
import { mergeSamples } from "./merge-samples.ts";

/** Sample numbers and times of a group within the requested range. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly times: Float64Array;
}

/** Returns the samples of all series that satisfy the matchers, as `SeriesReader.select` does. */
export function selectSamples(
  groups: GroupSet,
  matchers: readonly Matcher[],
  fromMs: number,
  toMs: number,
  maxSamples = Number.POSITIVE_INFINITY,
): readonly SeriesSamples[] {
  let samplesLeft = maxSamples;
  const ranges = new Map<GroupReader, Range>();
  const selected: SeriesSamples[] = [];
  /** Positions in `selected` of series that other groups may have too. */
  const positions = new Map<string, number>();
  for (const entry of groups.find(matchers, fromMs, toMs)) {
    const { group, labels, key } = entry;
    let range = ranges.get(group);
    if (range === undefined) ranges.set(group, (range = findRange(group, fromMs, toMs)));
    if (range.from === range.to) continue;
    if (samplesLeft < 0) break;
    samplesLeft -= range.to - range.from;
    const samples = { labels, times: range.times, ...group.read(entry, range.from, range.to) };
    const position = groups.isShared(key) ? positions.get(key) : undefined;
    if (position !== undefined) {
      selected[position] = mergeSamples(selected[position]!, samples);
      continue;
    }
    positions.set(key, selected.length);
    selected.push(samples);
  }
  return selected;
}

function findRange({ times }: GroupReader, fromMs: number, toMs: number): Range {
  const from = times.find(fromMs);
  const to = times.findBehind(toMs);
  return { from, to, times: times.view(from, to) };
}
