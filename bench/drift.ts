import { createRowMatches } from "../src/guard/row-matches.ts";
import { createRandom } from "../src/kernel/random.ts";
import { readCpuMs } from "./cpu-time.ts";
import { formatSpread } from "./statistics.ts";
import { takeTurns } from "./turns.ts";

const ROUNDS = 15;
const ROWS = 4_096;
const PASSES = 50;

/** Measures the comparison of a row with the rows before it, by the number of its columns; at most 12 of them are hashed. */
export async function run(_args: readonly string[]): Promise<void> {
  for (const width of [1, 4, 12, 30, 160]) {
    const random = createRandom(width);
    const values = Float64Array.from({ length: ROWS * width }, random.normal);
    const features = Array.from({ length: Math.min(12, width) }, (_, f) =>
      Math.floor((f * width) / Math.min(12, width)),
    );
    const matches = createRowMatches(features);
    let found = 0;
    const measure = (): number => {
      const start = readCpuMs();
      for (let pass = 0; pass < PASSES; pass++) {
        for (let row = 0; row < ROWS; row++) found += matches.add(values, row * width);
      }
      return ((readCpuMs() - start) * 1e6) / (ROWS * PASSES);
    };
    const { measured, warmUp, isStable } = await takeTurns(
      { measure },
      { rounds: ROUNDS, cost: Number },
    );
    console.log(
      `${String(width).padStart(4)} columns ${formatSpread(measured.measure, 1).padStart(22)} ns per row (${found} matches)${isStable ? "" : `; ${warmUp}`}`,
    );
  }
}
