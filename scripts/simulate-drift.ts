/**
 * Checks the drift rule by simulation (docs/alerting.md, "Drift"): minutes to an alert and to its end, false alarms in quiet weeks, and
 * replayed rows. `node scripts/simulate-drift.ts [--seed 1] [--runs 200] [--weeks 200]` takes some minutes.
 */
import { parseArgs } from "node:util";
import { createRandom } from "../src/kernel/random.ts";
import { replayIris } from "./drift/iris.ts";
import {
  countFalseAlarms,
  measureClasses,
  measureFeature,
  toQuantile,
  type Times,
} from "./drift/simulate.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "200" },
    weeks: { type: "string", default: "200" },
  },
});
const [seed, runs, weeks] = [values.seed, values.runs, values.weeks].map(Number) as [
  number,
  number,
  number,
];
const random = createRandom(seed);

function print(name: string, { toAlert, toClear }: Times): void {
  const share = toAlert.filter(Number.isFinite).length / toAlert.length;
  console.log(
    `${name}: to alert ${toQuantile(toAlert, 0.5)} / ${toQuantile(toAlert, 0.95)} min (${(100 * share).toFixed(0)} %), to clear at most ${Math.max(...toClear)} min`,
  );
}

for (const rows of [150, 1_000, 10_000]) {
  for (const change of ["unit", "dead", "swap", "+1", "+0.5"] as const) {
    const times = measureFeature(change, runs, { rows, rate: 1, tests: 4 }, random);
    print(`${rows} training rows, 1 row/s, ${change}`, times);
  }
}
for (const rows of [150, 1_000]) {
  for (const after of [
    [0, 0.5, 0.5],
    [0.1, 0.45, 0.45],
  ]) {
    const times = measureClasses(after, runs, { rows, rate: 1, tests: 7 }, random);
    print(`${rows} training rows, 1 row/s, classes from thirds to ${after.join(" ")}`, times);
  }
}
const { effective, counted } = replayIris(600, random);
console.log(
  `Iris, held-out half replayed for an hour: ${effective} of 600 splits with an alert; ${counted} if all rows counted`,
);
for (const [rows, rate] of [
  [150, 1],
  [1_000, 1],
  [150, 0.02],
] as const) {
  const alarms = countFalseAlarms(weeks, { rows, rate, features: 4 }, random);
  console.log(
    `${rows} training rows, ${rate} rows/s, ${weeks} quiet weeks: ${alarms} false alarms`,
  );
}
