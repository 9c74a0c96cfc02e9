/** Uses the built package like a user's program; the test type-checks and runs it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, loadModel, trainModel, type Config, type TrainingReport } from "tepal";
import { createEngine, createLabels, createMemoryStore, type QueryResult } from "tepal/promql";

const models = await mkdtemp(join(tmpdir(), "tepal-consumer-"));
const rows = Array.from({ length: 60 }, (_, i) => `${i},${i % 7},${i < 30 ? "low" : "high"}`);
const trained = await trainModel({
  models,
  name: "levels",
  data: { name: "levels.csv", text: ["a,b,level", ...rows].join("\n") },
  target: "level",
  // Two threads, so that the worker file must be in the package too.
  trees: 8,
  threads: 2,
});
const report: TrainingReport = trained.report;
const { manifest } = await loadModel(trained.directory);

const options: Partial<Config> = { port: 0, models };
const server = await createServer(options);
const url = await server.listen();
const reply = await fetch(`${url}/predict`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ a: 50, b: 3 }),
});
const prediction: unknown = await reply.json();
await server.close();
await rm(models, { recursive: true });

const store = createMemoryStore();
const series = createLabels({ __name__: "requests_total", job: "api" });
store.add(series, Float64Array.of(0, 15_000, 30_000, 45_000), Float64Array.of(3, 9, 12, 18));
const query = 'sum by (job) (increase(requests_total{job=~"a.i"}[1m]))';
const { value }: QueryResult = createEngine().queryInstant(store, query, 50_000);
const [sample] = value.type === "vector" ? value.samples : [];

process.stdout.write(
  JSON.stringify({
    rows: report.rows,
    classes: manifest.classes,
    prediction,
    increase: [sample?.labels.get("job"), sample?.value],
  }),
);
