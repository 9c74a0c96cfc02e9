import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describeUse, isQuiet } from "../../bench/quiet.ts";
import type { BenchmarkResult } from "../../bench/save-result.ts";
import type { Page } from "./page.ts";

/** Reads the results in bench/results/, by the name of the benchmark. */
export function readResults(root: string): ReadonlyMap<string, BenchmarkResult> {
  return new Map(
    globSync("bench/results/*.json", { cwd: root })
      .toSorted()
      .map((file): readonly [string, BenchmarkResult] => {
        const result: BenchmarkResult = JSON.parse(readFileSync(join(root, file), "utf8"));
        return [basename(file, ".json"), result];
      }),
  );
}

/** Renders a result for a page, with its machine. */
export function renderResult({ command, date, node, machine, lines }: BenchmarkResult): string {
  const { processor, cores, memoryGb, system, use } = machine;
  const busy = isQuiet(use) ? "" : ` The machine was busy with other work (${describeUse(use)}).`;
  return `\`npm run bench -- ${command}\` on ${date}: ${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node.js ${node}.${busy}

\`\`\`text
${lines.join("\n")}
\`\`\``;
}

/** Lists the benchmarks that a page names and that have no result in bench/results/. */
export function listUncovered(
  page: Page,
  results: ReadonlyMap<string, BenchmarkResult>,
): readonly string[] {
  const named = page.spans.flatMap(({ text }) => /npm run bench -- ([a-z]+)/.exec(text)?.[1] ?? []);
  return [...new Set(named)].filter((name) => !results.has(name));
}
