import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describeUse } from "../../bench/quiet.ts";
import type { BenchmarkResult } from "../../bench/save-result.ts";
import { formatLike } from "./compare-text.ts";
import { applyEdits, type Edit } from "./edit.ts";
import { parsePage, type Page, type Problem, type Value } from "./page.ts";

export type Results = ReadonlyMap<string, BenchmarkResult>;

/** Reads the results in bench/results/, by the name of the benchmark. */
export function readResults(root: string): Results {
  return new Map(
    globSync("bench/results/*.json", { cwd: root })
      .toSorted()
      .map((file): readonly [string, BenchmarkResult] => {
        const result: BenchmarkResult = JSON.parse(readFileSync(join(root, file), "utf8"));
        return [basename(file, ".json"), result];
      }),
  );
}

/** Renders a result for a page, with its machine: a table as one, other lines as text. */
export function renderResult(result: BenchmarkResult): string {
  const text = result.lines.join("\n");
  const isTable = result.lines.every((line) => line.startsWith("|"));
  return `${describeRun(result)}\n\n${isTable ? text : `\`\`\`text\n${text}\n\`\`\``}`;
}

/** States the command, the date and the machine of a result. */
function describeRun({ command, date, node, machine }: BenchmarkResult): string {
  const { processor, cores, memoryGb, system, use } = machine;
  return `\`${command}\` on ${date}: ${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node.js ${node}; ${describeUse(use)}.`;
}

/**
 * Returns a page with its measurements from the results: what stands between `<!-- bench NAME -->` and `<!-- /bench NAME -->`, the machine alone
 * between `<!-- machine NAME -->` and `<!-- /machine -->`, and values with `bench="NAME"`.
 *
 * @throws Error for a result or a number that does not exist
 */
export function insertResults(path: string, text: string, results: Results): string {
  const filled = text
    .replaceAll(
      /^(<!-- bench ([\w-]+) -->)[^]*?(<!-- \/bench \2 -->)/gm,
      (_whole, begin: string, name: string, end: string) =>
        `${begin}\n\n${renderResult(findResult(path, name, results))}\n\n${end}`,
    )
    .replaceAll(
      /^(<!-- machine ([\w-]+) -->)[^<]*(<!-- \/machine -->)/gm,
      (_whole, begin: string, name: string, end: string) =>
        `${begin}\n${describeRun(findResult(path, name, results))}\n${end}`,
    );
  const edits = parsePage(path, filled).values.flatMap((value): readonly Edit[] => {
    if (!value.attributes.has("bench")) return [];
    const { line, start, end } = value;
    return [{ line, start, end, text: findNumber(path, value, results) }];
  });
  return applyEdits(filled, edits);
}

/** Checks that a page has the measurements of the results. */
export function checkResults({ path, text }: Page, results: Results): readonly Problem[] {
  const expected = insertResults(path, text, results).split("\n");
  const line = text.split("\n").findIndex((each, index) => each !== expected[index]);
  if (line < 0) return [];
  const message = "Expected the measurements of bench/results/: run `npm run generate`.";
  return [{ path, line: line + 1, message }];
}

function findResult(path: string, name: string, results: Results): BenchmarkResult {
  const result = results.get(name);
  if (result === undefined) throw new Error(`${path}: bench/results/${name}.json is missing.`);
  return result;
}

/** Returns the number of a value in as many digits as it shows. */
function findNumber(path: string, { attributes, text }: Value, results: Results): string {
  const name = attributes.get("bench") ?? "";
  const after = attributes.get("after") ?? "";
  const position = Number(attributes.get("number") ?? 1);
  const { lines } = findResult(path, name, results);
  const line = lines.find((each) => each.includes(after));
  const rest = line?.slice(line.indexOf(after) + after.length) ?? "";
  const number = [...rest.matchAll(/\d[\d,]*(?:\.\d+)?/g)][position - 1]?.[0];
  if (number === undefined) {
    throw new Error(
      `${path}: bench/results/${name}.json has no number ${position} after "${after}".`,
    );
  }
  const scale = Number(attributes.get("scale") ?? 1);
  return formatLike(text, Number(number.replaceAll(",", "")) * scale);
}

/** Lists the benchmarks that pages name and that have no result in bench/results/. */
export function listUncovered(pages: readonly Page[], results: Results): readonly string[] {
  const named = pages.flatMap(({ spans }) =>
    spans.flatMap(({ text }) => /npm run bench -- ([a-z]+)/.exec(text)?.[1] ?? []),
  );
  return [...new Set(named)].filter((name) => !results.has(name)).toSorted();
}
