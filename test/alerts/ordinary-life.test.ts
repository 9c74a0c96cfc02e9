import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { expect, it } from "vitest";
import { renderDefaultRules } from "../../src/default-rules/default-rules.ts";
import { DEFAULT_SERVER_URL, parseAlertSettings } from "../../src/default-rules/settings.ts";
import { createRandom } from "../../src/kernel/random.ts";
import { createHttpTarget } from "../../src/series/scrape/http-target.ts";
import { startScrapeLoop } from "../../src/series/scrape/scrape-loop.ts";
import { createSeriesStore } from "../../src/series/store/create-series-store.ts";
import { startCli, waitForOutput, type Running } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { IRIS, toIrisObject, trainIris } from "../support/models.ts";
import { takeAddress } from "../support/monitoring.ts";
import { until } from "../support/workers.ts";
import { createGroups, evaluate } from "./evaluate.ts";

const SCRIPT = fileURLToPath(new URL("../../examples/iris/loadtest.ts", import.meta.url));
/** A busy machine keeps these limits of latency; the others are the defaults. */
const SETTINGS = parseAlertSettings(
  "limits.json",
  '{ "latencySeconds": 2.5, "meanLatencySeconds": 2.5 }',
);
const STEP_MS = 15_000;
/** 15 minutes in steps of a scrape and an evaluation. */
const STEPS = 60;
/** Steps of the events. */
const LIFE = { deploy: 6, loadTest: 10, crash: 35, outage: 46, repaired: 52 } as const;
const LOAD_SECONDS = 4;
const ROWS_PER_STEP = 20;

/** A real server and a real load test. Time is simulated: a step takes as long as its requests do, and counts as 15 seconds. */
it("of a server raises no alert but that it is down for longer than a minute", async () => {
  await using folder = await createFolder();
  const models = join(folder.path, "models");
  await trainIris(models);
  const address = await takeAddress();
  const url = `http://${address}`;
  let server = await startServer();
  await using _end = { [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };

  const store = createSeriesStore({ retentionMs: 3_600_000, maxSeries: 10_000 });
  let nowMs = STEP_MS;
  const clock = { nowMs: () => nowMs, monotonicSeconds: () => nowMs / 1_000 };
  const target = createHttpTarget({ job: "tepal", url: `${url}/metrics` });
  const scrapes = startScrapeLoop(target, store, { intervalMs: 1e9 }, clock);
  /** Changes of state of each alert: steps in which it began or ended. */
  const changes = new Map<string, string[]>();
  let step = 0;
  const groups = createGroups([...renderDefaultRules(SETTINGS, DEFAULT_SERVER_URL)], store, {
    notify: (notifications) => {
      for (const { labels, endsAtMs } of notifications) {
        const name = labels.get("alertname") ?? "";
        const state = endsAtMs > nowMs ? "firing" : "resolved";
        const known = changes.get(name) ?? [];
        // States are sent again, also without a change.
        if (known.at(-1)?.endsWith(state) === true) continue;
        changes.set(name, [...known, `${step} ${state}`]);
      }
    },
  });

  async function startServer(): Promise<Running> {
    const words = ["serve", "--port", address.split(":")[1]!, "--models", models];
    const running = startCli([...words, "--max-event-loop-lag", "60"], folder.path);
    await waitForOutput(running, /http:\/\/127\.0\.0\.1:\d+/);
    return running;
  }

  async function kill(): Promise<void> {
    server.process.kill("SIGKILL");
    await server.ended;
  }

  const post = async (path: string, body: unknown): Promise<number> => {
    const reply = await request(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    await reply.body.dump();
    return reply.statusCode;
  };

  const random = createRandom(1);
  async function sendTraffic(): Promise<void> {
    for (let i = 0; i < ROWS_PER_STEP; i++) {
      const { row } = IRIS[random.below(IRIS.length)]!;
      expect(await post("/predict", toIrisObject(row))).toBe(200);
    }
    expect(await post("/predict", { sepal_length: "wide" })).toBe(422);
    expect(await post("/predict/unknown", {})).toBe(404);
  }

  let load: Running | undefined;
  for (step = 0; step < STEPS; step++) {
    if (step === LIFE.deploy) {
      await trainIris(models, { seed: 2 });
      server.process.kill("SIGHUP");
      await until(() => server.output().includes("version 2"));
    }
    if (step === LIFE.loadTest) {
      const users = ["--users", "200", "--spawn-rate", "200", "--run-time", `${LOAD_SECONDS}s`];
      load = startCli(["load", SCRIPT, "--host", url, "--headless", ...users], folder.path);
    }
    if (step === LIFE.crash) {
      await load?.ended;
      await kill();
      // The scrape of this step fails; a service manager starts the server again.
    }
    if (step === LIFE.crash + 1) server = await startServer();
    if (step === LIFE.outage) await kill();
    if (step === LIFE.repaired) server = await startServer();
    const isUp = server.process.signalCode === null;
    if (isUp) await sendTraffic();
    // The load test lasts as many steps as its seconds, at least.
    if (load?.hasEnded() === false) await sleep(1_000);
    await scrapes.scrape(nowMs);
    evaluate(groups, nowMs, nowMs, STEP_MS);
    nowMs += STEP_MS;
  }
  await scrapes.close();
  expect((await load?.ended)?.code).toBe(0);
  expect([...changes.keys()].toSorted()).toEqual(["ServerDown", "Watchdog"]);
  // It is pending for a minute, and ends with the first scrape that succeeds.
  expect(changes.get("ServerDown")).toEqual([
    `${LIFE.outage + 4} firing`,
    `${LIFE.repaired} resolved`,
  ]);
});
