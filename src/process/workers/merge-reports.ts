import type { ReloadReport } from "../../model/registry.ts";

/** What all workers found, told once; what any of them could not load is told as failed. */
export function mergeReports(reports: readonly ReloadReport[]): ReloadReport {
  const failed = union(reports.map((report) => report.failed));
  const isFailed = new Set(failed.map(toKey));
  return {
    loaded: union(reports.map((report) => report.loaded)).filter(
      (one) => !isFailed.has(toKey(one)),
    ),
    failed,
    removed: union(reports.map((report) => report.removed)),
  };
}

interface Place {
  readonly name: string;
  readonly version: number;
}

/** By model and version; the first who says it is quoted. */
function union<T extends Place>(lists: readonly (readonly T[])[]): readonly T[] {
  return [
    ...new Map(
      lists
        .flat()
        .toReversed()
        .map((one) => [toKey(one), one]),
    ).values(),
  ].toReversed();
}

function toKey({ name, version }: Place): string {
  return `${name}/${version}`;
}
