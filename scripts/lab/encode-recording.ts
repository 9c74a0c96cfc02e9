import { encodeSamples } from "../../console/src/lab/sample-codec.ts";
import type { RecordedGroup, Recording } from "../../console/lab/recording.ts";
import { METRIC_NAME } from "../../src/series/series.ts";
import type { RawRecording, RawSeries } from "./record.ts";

/**
 * Encodes the samples of a server: series with the same times share them, and labels that all series of a group have are written once.
 *
 * @param isKept returns true for the name of a metric that the lab needs
 */
export function encodeRecording(
  raw: Omit<RawRecording, "replies">,
  isKept: (name: string) => boolean,
): Recording {
  const kept = raw.series.filter(({ metric }) => isKept(metric[METRIC_NAME] ?? ""));
  const intervals = raw.targets.map(({ scrapeInterval }) => Number.parseFloat(scrapeInterval));
  const endMs = raw.endSeconds * 1_000;
  return {
    startMs: endMs - raw.minutes * 60_000,
    endMs,
    intervalSeconds: Math.min(...intervals),
    targets: raw.targets.map(({ labels: { job, instance }, scrapeUrl: url }) => ({
      job,
      instance,
      url,
    })),
    metadata: listMetadata(raw, kept),
    groups: groupByTimes(kept).map(toGroup),
  };
}

/** A histogram has the metadata of all its series. */
const SUFFIX = /_(?:bucket|sum|count)$/;

function listMetadata({ metadata }: Pick<RawRecording, "metadata">, kept: readonly RawSeries[]) {
  const names = new Set(
    kept.flatMap(({ metric: { [METRIC_NAME]: name = "" } }) => [name, name.replace(SUFFIX, "")]),
  );
  const entries = Object.entries(metadata).filter(([name]) => names.has(name));
  return Object.fromEntries(
    entries.map(([name, [first]]) => [
      name,
      [first?.type ?? "unknown", first?.help ?? ""] as const,
    ]),
  );
}

interface Group {
  readonly times: readonly number[];
  readonly series: RawSeries[];
}

/** Puts each series into the first group that has all of its times and its target, the longest series first. */
function groupByTimes(list: readonly RawSeries[]): readonly Group[] {
  const groups: (Group & { readonly known: ReadonlySet<number>; readonly target: string })[] = [];
  for (const series of list.toSorted((a, b) => b.values.length - a.values.length)) {
    const target = `${series.metric["job"]} ${series.metric["instance"]}`;
    const times = series.values.map(([seconds]) => Math.round(seconds * 1_000));
    const fitting = groups.find(
      (group) => group.target === target && times.every((time) => group.known.has(time)),
    );
    if (fitting === undefined) {
      groups.push({ times, series: [series], known: new Set(times), target });
    } else fitting.series.push(series);
  }
  return groups;
}

function toGroup({ times, series }: Group): RecordedGroup {
  const [first] = series;
  const labels = Object.fromEntries(
    Object.entries(first?.metric ?? {}).filter(
      ([name, value]) =>
        name !== METRIC_NAME && series.every(({ metric }) => metric[name] === value),
    ),
  );
  const byName: Record<string, [Record<string, string>, string][]> = {};
  for (const { metric, values } of series) {
    const known = new Map(values.map(([seconds, value]) => [Math.round(seconds * 1_000), value]));
    const samples = times.map((time) => toNumber(known.get(time)));
    const own = Object.entries(metric).filter(
      ([name]) => name !== METRIC_NAME && !Object.hasOwn(labels, name),
    );
    (byName[metric[METRIC_NAME] ?? ""] ??= []).push([
      Object.fromEntries(own),
      encodeSamples(samples),
    ]);
  }
  return { times: encodeSamples(times), labels, series: byName };
}

/** Prometheus writes infinities as +Inf and -Inf. */
function toNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text.replace("Inf", "Infinity"));
}
