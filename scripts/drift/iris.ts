import { readFileSync } from "node:fs";
import { toBin } from "../../src/guard/bins.ts";
import { fitGuard } from "../../src/guard/fit/fit-guard.ts";
import { createRowMatches } from "../../src/guard/row-matches.ts";
import type { Random } from "../../src/kernel/random.ts";
import { evaluateRule } from "./simulate.ts";

const WIDTH = 4;
const STEP_ROWS = 30;

/**
 * Trains the bins on half of Iris and replays the other half at random, one row a second for an hour, with the server's own comparison of
 * rows.
 *
 * @returns number of splits with an alert: with effective rows, and with all rows counted
 */
export function replayIris(splits: number, random: Random) {
  const text = readFileSync(new URL("../../examples/iris/iris.csv", import.meta.url), "utf8");
  const rows = text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",").slice(0, WIDTH).map(Number));
  const found = { effective: 0, counted: 0 };
  for (let split = 0; split < splits; split++) {
    const order = random.shuffle([...rows.keys()]);
    const pick = (half: readonly number[]): Float64Array =>
      Float64Array.from(half.flatMap((row) => rows[row]!));
    const training = pick(order.slice(0, 75));
    const heldOut = pick(order.slice(75));
    const { parameters } = fitGuard({ values: training, count: 75, width: WIDTH }, null, 0);
    const { bins, row_matching: matching } = parameters;
    const matches = createRowMatches(matching.features);
    const counts = bins.map(({ ratios }) => new Float64Array(ratios.length * 120));
    let equal = 0;
    let compared = 0;
    for (let second = 0; second < 3_600; second++) {
      const offset = random.below(75) * WIDTH;
      compared += matches.recent;
      equal += matches.add(heldOut, offset);
      for (const [f, { edges }] of bins.entries()) {
        const step = Math.floor(second / STEP_ROWS);
        counts[f]![step * (edges.length + 1) + toBin(edges, heldOut[offset + f]!)]! += 1;
      }
    }
    const fires = (matchRatio: number): boolean =>
      bins.some(({ ratios }, f) =>
        evaluateRule({
          counts: counts[f]!,
          reference: ratios,
          referenceRows: 75,
          tests: WIDTH,
          matchRatio,
        }).includes(1),
      );
    if (fires(Math.max(0, equal / compared - matching.ratio))) found.effective += 1;
    if (fires(0)) found.counted += 1;
  }
  return found;
}
