import type { ReloadProblem, ReloadReport } from "../../http/reload-report.ts";

/** Merges the reports of all workers. A version that one of them could not load counts as failed. */
export function mergeReports(reports: readonly ReloadReport[]): ReloadReport {
  const failed = mergeVersions(reports.map((report) => report.failed));
  const isFailed = new Set(failed.map(toKey));
  return {
    loaded: mergeVersions(reports.map((report) => report.loaded)).filter(
      (version) => !isFailed.has(toKey(version)),
    ),
    failed,
    removed: mergeVersions(reports.map((report) => report.removed)),
    problems: mergeProblems(reports.flatMap((report) => report.problems)),
  };
}

/** Each problem once: all workers read the same files. */
export function mergeProblems(problems: readonly ReloadProblem[]): readonly ReloadProblem[] {
  const merged = new Map(
    problems.map((problem) => [`${problem.part} ${problem.message}`, problem]),
  );
  return [...merged.values()];
}

interface ModelVersion {
  readonly name: string;
  readonly version: number;
}

/** One entry for each model and version: the first in the lists. */
function mergeVersions<T extends ModelVersion>(lists: readonly (readonly T[])[]): readonly T[] {
  const merged = new Map<string, T>();
  for (const version of lists.flat()) {
    const key = toKey(version);
    if (!merged.has(key)) merged.set(key, version);
  }
  return [...merged.values()];
}

function toKey({ name, version }: ModelVersion): string {
  return `${name}/${version}`;
}
