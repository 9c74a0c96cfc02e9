import { describe, expect, it } from "vitest";
import { createLabels } from "../../series/labels.ts";
import { createMemoryStore } from "../../series/store/memory-store.ts";
import { createEngine } from "../engine.ts";
import type { NodeStatistics, QueryValue } from "../promql.ts";

const MINUTE_MS = 60_000;
const RANGE = { startMs: 10 * MINUTE_MS, endMs: 20 * MINUTE_MS, stepMs: MINUTE_MS };

/** Six series of half an hour, a sample every 15 s; those of one job begin late, another has a gap. */
function createStore() {
  const store = createMemoryStore();
  for (const [index, job] of ["api", "api", "api", "node", "node", "late"].entries()) {
    const times = Array.from({ length: 120 }, (_, i) => i * 15_000).filter(
      (time) => job !== "late" || time > 15 * MINUTE_MS,
    );
    const labels = createLabels({ __name__: "hits_total", job, instance: `host-${index}` });
    store.add(
      labels,
      Float64Array.from(times),
      Float64Array.from(times, (time) => (time / 1_000) * (index + 1)),
    );
  }
  return store;
}

const store = createStore();

function listNodes(node: NodeStatistics): readonly NodeStatistics[] {
  return [node, ...node.children.flatMap(listNodes)];
}

function count(value: QueryValue): { readonly series: number; readonly samples: number } {
  switch (value.type) {
    case "string":
      return { series: 0, samples: 0 };
    case "scalar":
      return { series: 0, samples: 1 };
    case "vector":
      return { series: value.samples.length, samples: value.samples.length };
    case "matrix":
      return {
        series: value.series.length,
        samples: value.series.reduce((sum, { times }) => sum + times.length, 0),
      };
  }
}

function trace(query: string): NodeStatistics {
  const { tree } = createEngine().queryInstant(store, query, RANGE.endMs, { tree: true });
  if (tree === undefined) throw new Error("no tree");
  return tree;
}

describe("the cost of each node", () => {
  it.each([
    "hits_total",
    "sum by (job) (rate(hits_total[5m])) / on (job) group_left count by (job) (hits_total)",
    'hits_total{job="api"} > 1000 or hits_total{job="none"}',
    "-(topk(2, hits_total) * 2)",
    "quantile(0.5, hits_total)",
    "timestamp(hits_total) - 5 * vector(2)",
    'label_replace(hits_total, "a", "$1", "job", "(.).*")',
    "hits_total[3m] offset 1m",
  ])("are the numbers of the node as a query of its own: %s", (query) => {
    const nodes = listNodes(trace(query));
    expect(nodes.length).toBeGreaterThan(0);
    for (const { start, end, series, samples } of nodes) {
      const part = query.slice(start, end);
      const { value } = createEngine().queryInstant(store, part, RANGE.endMs);
      expect([part, { series, samples }]).toEqual([part, count(value)]);
    }
  });

  it("counts all steps of a range query, and series that come and go", () => {
    const query = "sum by (job) (hits_total) * 2";
    const { tree } = createEngine().queryRange(store, query, RANGE, { tree: true });
    for (const { kind, start, end, series, samples, steps } of listNodes(tree!)) {
      expect(steps).toBe(11);
      // The matrix of a scalar has one series.
      if (kind === "number") expect([series, samples]).toEqual([0, 11]);
      else {
        const { value } = createEngine().queryRange(store, query.slice(start, end), RANGE);
        expect({ series, samples }).toEqual(count(value));
      }
    }
    // The late series has 5 of 11 steps.
    expect(tree!.samples).toBe(2 * 11 + 5);
  });

  it("has the nodes in the order of evaluation, with their steps and source ranges", () => {
    const query = "max_over_time(rate(hits_total[1m])[5m:30s])";
    const [call, subquery, rate, selector] = listNodes(trace(query));
    expect([call!.kind, subquery!.kind, rate!.kind]).toEqual(["call", "subquery", "call"]);
    expect(query.slice(selector!.start, selector!.end)).toBe("hits_total[1m]");
    // The inner expression runs at the steps of the subquery: 5 minutes in steps of 30 s, without its beginning.
    expect([call!.steps, rate!.steps]).toEqual([1, 10]);
  });

  it("lists labels with their most frequent values", () => {
    expect(trace("hits_total").labels).toEqual([
      {
        name: "instance",
        values: 6,
        top: [0, 1, 2, 3, 4].map((i) => ({ value: `host-${i}`, series: 1 })),
      },
      {
        name: "job",
        values: 3,
        top: [
          { value: "api", series: 3 },
          { value: "node", series: 2 },
          { value: "late", series: 1 },
        ],
      },
      { name: "__name__", values: 1, top: [{ value: "hits_total", series: 6 }] },
    ]);
    const many = Array.from({ length: 250 }, () => "hits_total").join(" + ");
    const lists = listNodes(trace(many)).map(({ labels }) => labels.length);
    expect(lists.filter((length) => length > 0).length).toBe(200);
  });

  it("adds the time of the nodes below, and not that of the measurement", () => {
    let now = 0;
    const clock = { nowMs: () => 0, monotonicSeconds: () => (now += 1) };
    const engine = createEngine({ clock });
    const { tree } = engine.queryInstant(store, "sum(hits_total) + 1", RANGE.endMs, { tree: true });
    for (const { seconds, ownSeconds, children } of listNodes(tree!)) {
      const below = children.reduce((sum, child) => sum + child.seconds, 0);
      expect(ownSeconds).toBe(seconds - below);
      expect(seconds).toBe(1 + 2 * (listNodes({ ...tree!, children }).length - 1));
    }
  });

  it("is absent unless it is requested", () => {
    expect(createEngine().queryInstant(store, "hits_total", RANGE.endMs).tree).toBeUndefined();
  });
});
