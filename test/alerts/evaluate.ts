import type { SampleWriter } from "../../src/alerts/alerts.ts";
import { RuleGroup, type GroupParts } from "../../src/alerts/evaluate/group.ts";
import { parseRuleFile } from "../../src/alerts/rules/parse-rule-file.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createEngine } from "../../src/promql/engine.ts";
import type { SeriesReader } from "../../src/series/series.ts";

export const engine = createEngine();

/** Creates the groups of rule files over a store. @throws Error if the files have problems */
export function createGroups(
  files: readonly (readonly [name: string, text: string])[],
  store: SeriesReader & SampleWriter,
  options: Partial<GroupParts> & { readonly restore?: boolean } = {},
): readonly RuleGroup[] {
  const { restore = false, ...parts } = options;
  return files.flatMap(([name, text]) => {
    const { groups, problems } = parseRuleFile(name, text);
    if (problems.length > 0) throw new Error(JSON.stringify(problems, null, 2));
    return groups.map(
      (group) =>
        new RuleGroup(
          group,
          15_000,
          {
            engine,
            reader: store,
            writer: store,
            clock: systemClock,
            log: { info: () => {}, warn: () => {}, error: () => {} },
            externalLabels: new Map(),
            externalUrl: "http://host:8000/prometheus",
            notify: () => {},
            ...parts,
          },
          undefined,
          restore,
        ),
    );
  });
}

/** Evaluates all groups in their order, at each step from one time to another. */
export function evaluate(
  groups: readonly RuleGroup[],
  fromMs: number,
  toMs: number,
  stepMs: number,
): void {
  for (let timeMs = fromMs; timeMs <= toMs; timeMs += stepMs) {
    for (const group of groups) Array.from(group.evaluate(timeMs));
  }
}
