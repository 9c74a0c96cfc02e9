import { describe, expect, it } from "vitest";
import { createApplicationMetrics, type ApplicationMetrics } from "./application-metrics.ts";
import { createMetrics } from "./create-metrics.ts";

function start(): { own: ApplicationMetrics; render(): Promise<string> } {
  const metrics = createMetrics({ process: false });
  return { own: createApplicationMetrics(metrics), render: () => metrics.render() };
}

describe("application metrics", () => {
  it("are rendered beside Tepal's own, with help, type, labels and buckets", async () => {
    const { own, render } = start();
    const orders = own.counter({
      name: "shop_orders_total",
      help: "Orders placed.",
      labels: ["country", "channel"],
    });
    orders.with({ channel: "web", country: "de" }).inc();
    orders.with({ country: "de", channel: "web" }).inc(2);
    const queue = own.gauge({ name: "shop_queue_orders", help: "Orders that wait." });
    queue.set(5);
    queue.inc();
    queue.dec(2);
    const value = own.histogram({
      name: "shop_order_value_euros",
      help: "Value of an order.",
      buckets: [10, 100],
    });
    for (const euros of [7, 70, 700]) value.observe(euros);
    const text = await render();
    for (const block of [
      "# HELP shop_orders_total Orders placed.\n# TYPE shop_orders_total counter\n" +
        'shop_orders_total{country="de",channel="web"} 3\n',
      "# TYPE shop_queue_orders gauge\nshop_queue_orders 4\n",
      'shop_order_value_euros_bucket{le="10"} 1\n',
      'shop_order_value_euros_bucket{le="+Inf"} 3\nshop_order_value_euros_sum 777\nshop_order_value_euros_count 3\n',
    ]) {
      expect(text).toContain(block);
    }
  });

  it("without labels exist at zero from the start", async () => {
    const { own, render } = start();
    own.counter({ name: "shop_orders_total", help: "Orders placed." });
    expect(await render()).toContain("\nshop_orders_total 0\n");
  });

  it.each([
    ["a counter without _total", { name: "orders" }, "end in _total"],
    ["a name with a space", { name: "shop orders_total" }, "letters, digits and _"],
    ["a name of Tepal's", { name: "api_requests_total" }, "that no other metric has"],
    ["a name of Node.js's", { name: "nodejs_orders_total" }, "that no other metric has"],
    ["no help", { help: " " }, "help: Expected a sentence."],
    ["a label with a hyphen", { labels: ["sales-channel"] }, 'got "sales-channel"'],
    ["a reserved label", { labels: ["__name__"] }, 'got "__name__"'],
    ["a label twice", { labels: ["country", "country"] }, "each label once"],
  ])("reject %s", (_what, changes, message) => {
    const { own } = start();
    const options = { name: "shop_orders_total", help: "Orders placed.", ...changes };
    expect(() => own.counter(options)).toThrow(message);
  });

  it.each([[[]], [[2, 1]], [[1, 1]], [[1, Infinity]]])("reject the buckets %j", (buckets) => {
    const { own } = start();
    const options = { name: "shop_wait_seconds", help: "Time that an order waits.", buckets };
    expect(() => own.histogram(options)).toThrow("finite, ascending numbers");
  });

  it("reject a name twice, and one that a histogram's samples have", () => {
    const { own } = start();
    const help = "Time that an order waits.";
    own.histogram({ name: "shop_wait_seconds", help, buckets: [1] });
    expect(() => own.gauge({ name: "shop_wait_seconds", help })).toThrow(
      'Invalid metric "shop_wait_seconds": name: Expected a name that no other metric has',
    );
    expect(() => own.gauge({ name: "shop_wait_seconds_count", help })).toThrow("no other metric");
    own.gauge({ name: "shop_size_bytes_sum", help });
    expect(() => own.histogram({ name: "shop_size_bytes", help, buckets: [1] })).toThrow(
      "no other metric",
    );
  });

  it("reject a counter that goes down, and a series without one of its labels", () => {
    const { own } = start();
    const name = "shop_orders_total";
    const orders = own.counter({ name, help: "Orders placed.", labels: ["country"] });
    const series = orders.with({ country: "de" });
    expect(() => series.inc(-1)).toThrow(RangeError);
    expect(() => series.inc(Number.NaN)).toThrow(RangeError);
    // A program in JavaScript has no types to stop it.
    expect(() => Reflect.apply(orders.with, orders, [{}])).toThrow(
      "a string for the label country",
    );
  });
});
