import { closeSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createApplicationMetrics } from "../../metrics/application-metrics.ts";
import { createMetrics } from "../../metrics/create-metrics.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { openUnlinked } from "./unlinked-file.ts";

/** A worker's measurements, in the ledger under a number. */
function join(ledger: Ledger, number: number): Metrics & Disposable {
  const descriptor = openUnlinked();
  ledger.join(number, descriptor);
  const onError = (error: unknown): void => {
    throw error;
  };
  return {
    ...createMetrics({ process: false, file: { descriptor, onError } }),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

const SERIES = ["iris", "1", "setosa"];
function countOf({ predictions }: Metrics): number | undefined {
  const slot = predictions.find(SERIES);
  return slot === undefined ? undefined : predictions.get(slot);
}

function count(metrics: Metrics, amount: number): void {
  const slot = metrics.predictions.find(SERIES) ?? metrics.predictions.open(SERIES);
  metrics.predictions.add(slot, amount);
  metrics.update();
}

/** Application metrics are saved at the end of the turn of the event loop. */
function endTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("the ledger", () => {
  it("adds up what runs and what has ended, and counts nothing twice", () => {
    const ledger = createLedger();
    using one = join(ledger, 1);
    using two = join(ledger, 2);
    count(one, 3);
    count(two, 4);
    expect([countOf(ledger.total()), countOf(ledger.total())]).toEqual([7, 7]);
    count(one, 5);
    ledger.leave(1);
    expect(countOf(ledger.total())).toBe(12);
    using again = join(ledger, 1);
    expect(countOf(ledger.total())).toBe(12);
    count(again, 1);
    ledger.leave(2);
    expect(countOf(ledger.total())).toBe(13);
  });

  it("combines each gauge as it means it, and forgets those of workers that have ended", () => {
    const ledger = createLedger();
    using one = join(ledger, 1);
    using two = join(ledger, 2);
    for (const [metrics, value] of [
      [one, 1_000],
      [two, 2_000],
    ] as const) {
      metrics.apiRequestsInFlight.set(metrics.apiRequestsInFlight.open([]), value);
      metrics.modelLoaded.set(metrics.modelLoaded.open(["iris", "1"]), value);
      metrics.modelInfo.set(metrics.modelInfo.open(["iris", "1", "classification", "tepal"]), 1);
      metrics.update();
    }
    const gauges = (): (number | undefined)[] => {
      const all = ledger.total();
      return [all.apiRequestsInFlight, all.modelLoaded, all.modelInfo].map(
        (family) => [...family.expose()][0]?.samples[0]?.value,
      );
    };
    expect(gauges()).toEqual([3_000, 2_000, 1]);
    ledger.leave(2);
    expect(gauges()).toEqual([1_000, 1_000, 1]);
    ledger.leave(1);
    expect(gauges()).toEqual([undefined, undefined, undefined]);
  });

  it("adds up the metrics that the application declares, which only the workers know", async () => {
    const ledger = createLedger();
    using one = join(ledger, 1);
    using two = join(ledger, 2);
    const help = "Declared by the application.";
    const record = (metrics: Metrics, value: number): void => {
      const own = createApplicationMetrics(metrics);
      own
        .counter({ name: "shop_orders_total", help, labels: ["country"] })
        .with({ country: "de" })
        .inc(value);
      own.gauge({ name: "shop_queue_orders", help }).set(value);
      own.gauge({ name: "shop_oldest_seconds", help, aggregator: "max" }).set(value);
      own.histogram({ name: "shop_order_value_euros", help, buckets: [10] }).observe(value);
    };
    record(one, 3);
    record(two, 40);
    await endTurn();
    const lines = async (): Promise<readonly string[]> =>
      (await ledger.total().render()).split("\n").filter((line) => line.startsWith("shop_"));
    expect(await lines()).toEqual([
      'shop_orders_total{country="de"} 43',
      "shop_queue_orders 43",
      "shop_oldest_seconds 40",
      'shop_order_value_euros_bucket{le="10"} 1',
      'shop_order_value_euros_bucket{le="+Inf"} 2',
      "shop_order_value_euros_sum 43",
      "shop_order_value_euros_count 2",
    ]);
    ledger.leave(2);
    expect(await lines()).toContain('shop_orders_total{country="de"} 43');
    expect(await lines()).toContain("shop_queue_orders 3");
  });

  it("passes over a metric that a worker declares differently", async () => {
    const ledger = createLedger();
    using one = join(ledger, 1);
    using two = join(ledger, 2);
    const options = { name: "shop_wait_seconds", help: "Time that an order waits." };
    createApplicationMetrics(one)
      .histogram({ ...options, buckets: [1, 2] })
      .observe(3);
    createApplicationMetrics(two)
      .histogram({ ...options, buckets: [5] })
      .observe(3);
    await endTurn();
    const text = await ledger.total().render();
    expect(text).toContain("shop_wait_seconds_count 1\n");
    expect(text).not.toContain('le="5"');
  });

  it("keeps what was counted of a model until the last worker has closed it", () => {
    const ledger = createLedger();
    using one = join(ledger, 1);
    using two = join(ledger, 2);
    using three = join(ledger, 3);
    for (const metrics of [one, two, three]) count(metrics, 10);
    ledger.leave(3);
    expect(countOf(ledger.total())).toBe(30);
    one.predictions.close(one.predictions.find(SERIES) ?? -1);
    one.update();
    expect(countOf(ledger.total())).toBe(30);
    two.predictions.close(two.predictions.find(SERIES) ?? -1);
    two.update();
    expect(countOf(ledger.total())).toBeUndefined();
    count(one, 1);
    expect(countOf(ledger.total())).toBe(1);
  });
});
