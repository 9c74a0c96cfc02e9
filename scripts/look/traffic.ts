/** Traffic of a recording: rows of Iris with noise, batches, streams, and requests that are rejected. */
import { Agent, request } from "undici";
import { IRIS, toIrisObject } from "../../test/support/models.ts";

const TICK_MS = 100;
/** Requests for one row in each tick. */
const ROWS_IN_TICK = 3;
const BATCH_ROWS = 40;
const STREAM_ROWS = 300;
/** Concurrent batches of an overload. */
const BURST = 60;
const BURST_ROWS = 1_500;

export interface Traffic extends AsyncDisposable {
  /** Shifts petals by more than a standard deviation. */
  setDrift(isOn: boolean): void;
  /** Sends more batches at once than the servers accept. */
  setOverload(isOn: boolean): void;
}

export function createTraffic(urls: readonly string[]): Traffic {
  const agent = new Agent({ connections: 100 });
  const pending = new Set<Promise<void>>();
  let isDrifting = false;
  let isOverloaded = false;
  let ticks = 0;

  function send(path: string, body: string | object | null, type = "application/json"): void {
    const url = urls[Math.floor(Math.random() * urls.length)];
    const text = body === null || typeof body === "string" ? body : JSON.stringify(body);
    const sent = request(`${url}${path}`, {
      method: text === null ? "GET" : "POST",
      headers: text === null ? {} : { "content-type": type },
      body: text,
      dispatcher: agent,
    })
      .then(({ body: reply }) => reply.dump())
      // A killed server refuses connections.
      .catch(() => {})
      .finally(() => pending.delete(sent));
    pending.add(sent);
  }

  function takeRow(): number[] {
    const { row = [] } = IRIS[Math.floor(Math.random() * IRIS.length)] ?? {};
    const isOutlier = Math.random() < 0.02;
    return row.map((value, column) => {
      const noise = (Math.random() - 0.5) * 0.3;
      const shift = isDrifting && column >= 2 ? 1.1 : 0;
      return Number(((isOutlier ? value * 4 : value) + noise + shift).toFixed(2));
    });
  }
  const takeRows = (count: number): number[][] => Array.from({ length: count }, takeRow);

  function tick(): void {
    ticks += 1;
    // A slow wave, as of a day.
    const count = Math.round(ROWS_IN_TICK * (1 + 0.5 * Math.sin(ticks / 400)));
    for (let sent = 0; sent < count; sent++) send("/predict", toIrisObject(takeRow()));
    if (ticks % 10 === 0) send("/predict/batch", { instances: takeRows(BATCH_ROWS) });
    if (ticks % 150 === 0) {
      const lines = takeRows(STREAM_ROWS).map((row) => JSON.stringify(toIrisObject(row)));
      send("/predict/batch", lines.join("\n"), "application/x-ndjson");
    }
    if (ticks % 7 === 0) {
      send("/models/plane/predict", { a: Math.random() * 10, b: Math.random() * 9 });
    }
    if (ticks % 25 === 0) send("/models/iris/versions/1/predict", toIrisObject(takeRow()));
    if (ticks % 40 === 0) send("/predict", { sepal_length: "long" });
    if (ticks % 90 === 0) send("/predict", "{");
    if (ticks % 130 === 0) send("/nowhere", null);
    if (ticks % 100 === 0) send("/models", null);
    if (ticks % 50 === 0) send("/health/ready", null);
    if (isOverloaded && ticks % 20 === 0) {
      const instances = takeRows(BURST_ROWS);
      for (let sent = 0; sent < BURST; sent++) send("/predict/batch", { instances });
    }
  }

  const timer = setInterval(tick, TICK_MS);
  return {
    setDrift: (isOn) => void (isDrifting = isOn),
    setOverload: (isOn) => void (isOverloaded = isOn),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.all(pending);
      await agent.close();
    },
  };
}
