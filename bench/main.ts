/**
 * `npm run bench -- NAME [ARGS]`: benchmarks that compare alternatives within one run. The last line states if the machine was quiet.
 * `--save` writes what it prints, with the machine, to bench/results/; `npm run generate` then inserts it into the documents.
 */
import { describeUse, watchMachine } from "./quiet.ts";
import { saveResult } from "./save-result.ts";

const BENCHMARKS = {
  predict: () => import("./predict.ts"),
  engine: () => import("./engine.ts"),
  train: () => import("./train.ts"),
  mixed: () => import("./mixed.ts"),
  http: () => import("./http.ts"),
  batch: () => import("./batch.ts"),
  stream: () => import("./stream.ts"),
  score: () => import("./score.ts"),
  workers: () => import("./workers.ts"),
  metrics: () => import("./metrics.ts"),
  promql: () => import("./promql.ts"),
  drift: () => import("./drift.ts"),
  guard: () => import("./guard.ts"),
  trust: () => import("./trust.ts"),
  memory: () => import("./memory.ts"),
  start: () => import("./start.ts"),
  load: () => import("./load.ts"),
  series: () => import("./series.ts"),
  overload: () => import("./overload.ts"),
  tail: () => import("./tail.ts"),
  loading: () => import("./loading.ts"),
  console: () => import("./console.ts"),
  peers: () => import("./peers.ts"),
  tutorial: () => import("./tutorial.ts"),
  stall: () => import("./stall.ts"),
  profiles: () => import("./profiles.ts"),
};

function isName(name: string | undefined): name is keyof typeof BENCHMARKS {
  return name !== undefined && Object.hasOwn(BENCHMARKS, name);
}

const [name, ...words] = process.argv.slice(2);
const args = words.filter((word) => word !== "--save");
if (isName(name)) {
  const { run } = await BENCHMARKS[name]();
  if (words.includes("--save")) {
    await saveResult(name, ["npm run bench --", name, ...args].join(" "), () => run(args));
  } else console.log(describeUse(await watchMachine(() => run(args))));
} else {
  console.error(
    `usage: npm run bench -- NAME, with NAME one of: ${Object.keys(BENCHMARKS).join(", ")}`,
  );
  process.exitCode = 2;
}
