/** `npm run bench -- NAME [ARGS]`: benchmarks that compare alternatives within one run. */
const BENCHMARKS = {
  predict: () => import("./predict.ts"),
  train: () => import("./train.ts"),
  http: () => import("./http.ts"),
  batch: () => import("./batch.ts"),
  stream: () => import("./stream.ts"),
  score: () => import("./score.ts"),
  metrics: () => import("./metrics.ts"),
  promql: () => import("./promql.ts"),
  drift: () => import("./drift.ts"),
  guard: () => import("./guard.ts"),
  memory: () => import("./memory.ts"),
  load: () => import("./load.ts"),
  series: () => import("./series.ts"),
  overload: () => import("./overload.ts"),
  loading: () => import("./loading.ts"),
  console: () => import("./console.ts"),
  peers: () => import("./peers.ts"),
};

function isName(name: string | undefined): name is keyof typeof BENCHMARKS {
  return name !== undefined && Object.hasOwn(BENCHMARKS, name);
}

const [name, ...args] = process.argv.slice(2);
if (isName(name)) {
  const { run } = await BENCHMARKS[name]();
  await run(args);
} else {
  console.error(
    `usage: npm run bench -- NAME, with NAME one of: ${Object.keys(BENCHMARKS).join(", ")}`,
  );
  process.exitCode = 2;
}
