import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { renderPage, summarizePage } from "../../../course/render-page.ts";
import { parsePlace } from "../../shell/location.ts";
import { hasBegun, isDone, meet, updateBefore } from "../conditions.ts";
import { listParts } from "../outline.ts";
import { MECHANICS } from "./course.ts";
import { isEvent } from "./mechanics.ts";

const TUTORIAL = fileURLToPath(new URL("../../../../docs/tutorial/", import.meta.url));
const PAGES = globSync("**/*.md", { cwd: TUTORIAL })
  .toSorted()
  .map((file) => ({
    path: file.replace(/\.md$/, ""),
    markdown: readFileSync(`${TUTORIAL}${file}`, "utf8"),
  }));
const SUMMARIES = PAGES.map(({ path, markdown }) => summarizePage(markdown, path));

describe("the tutorial and the mechanics of its steps", () => {
  it("name the same steps, each once", () => {
    const ids = SUMMARIES.flatMap(({ steps }) => steps);
    expect(ids.toSorted()).toEqual(Object.keys(MECHANICS).toSorted());
    expect(ids.length).toBeGreaterThan(4);
  });

  it("has a part of the course for every page", () => {
    const titles = listParts(SUMMARIES).map(({ title }) => title);
    expect(titles).not.toContain("More");
  });

  it("has an aim on every hands-on page, which the search finds", () => {
    const handsOn = SUMMARIES.filter(({ path }) => path.startsWith("hands-on/"));
    expect(handsOn.length).toBeGreaterThan(9);
    expect(handsOn.filter(({ aim }) => aim === "").map(({ path }) => path)).toEqual([]);
  });

  it.each(PAGES)("renders $path with a title, without HTML as text", ({ path, markdown }) => {
    const { title, parts } = renderPage(markdown, path, (other) =>
      PAGES.some((page) => page.path === other),
    );
    expect(title).not.toBe("");
    const html = parts.map((part) => part.html.replaceAll(/<code>[^]*?<\/code>/g, "")).join("\n");
    expect(html.match(/&lt;\/?[a-z][^\n]*/g)).toBeNull();
  });
});

describe("the mechanics of a step", () => {
  const steps = Object.entries(MECHANICS);

  it("have a page, a part to point at, and deeds if the console can do it", () => {
    for (const [id, { page, pointAt, action }] of steps) {
      expect([id, page]).toEqual([id, expect.stringMatching(/^#\/[a-z]/)]);
      expect([id, pointAt.length, action?.deeds.length]).not.toContain(0);
      expect([id, action?.label ?? "by hand"]).toEqual([id, expect.stringMatching(/^[a-z]/)]);
    }
  });

  it("are not done at its begin, in any state of the server and the page", () => {
    const values = new Proxy<Record<string, number>>({}, { get: () => 1e6 });
    for (const [id, { done }] of steps) {
      const before = updateBefore(done, {}, values);
      const begin = { before, met: [] };
      expect([id, hasBegun(done, begin)]).toEqual([id, true]);
      expect([id, isDone(done, begin, { values, has: () => true })]).toEqual([id, false]);
    }
  });

  it("differ between the steps of a page", () => {
    for (const { steps: ids } of SUMMARIES) {
      const done = ids.map((id) => JSON.stringify(MECHANICS[id]?.done));
      expect([ids, new Set(done).size]).toEqual([ids, ids.length]);
    }
  });

  it("count no requests that probes send all the time", () => {
    const routes = steps.flatMap(([, { done }]) =>
      done.flatMap((each) => (each.type === "counted" ? [each.labels?.["route"] ?? ""] : [])),
    );
    expect(routes.filter((route) => /^\/(?:health|metrics|console)/.test(route))).toEqual([]);
    expect(routes).toContain("/");
  });

  it.each(["05-requests/send", "03-batches/single", "first-steps/predict"])(
    "need a single row in %s, not a CSV file",
    (id) => {
      const { done } = MECHANICS[id]!;
      const [at, query, body] = ["try", "", ""];
      const toReply = (path: string) =>
        ({ type: "requested", method: "POST", status: 200, at, path, query, body }) as const;
      expect(meet(done, [], toReply("models/iris/predict/batch"))).toEqual([]);
      expect(meet(done, [], toReply("models/iris/predict"))).toEqual([0]);
    },
  );

  it.each(["GET", "POST"])("accept a query of Explore by %s", (method) => {
    const { done } = MECHANICS["07-percentile/query"]!;
    const [at, body, status, path] = ["explore", "", 200, "prometheus/api/v1/query_range"];
    const query = "query=histogram_quantile(0.95, rate(api_request_latency_seconds_bucket[1m]))&";
    expect(meet(done, [], { type: "requested", at, method, path, query, body, status })).toEqual([
      0,
    ]);
  });

  it("need a range in 08-grafana/range, not the query of the step before", () => {
    const { done } = MECHANICS["08-grafana/range"]!;
    const toValues = (requests: number, bytes: number) => ({
      'api_requests_total{method="POST",route="/prometheus/*",status="200"}': requests,
      'api_request_size_bytes_sum{route="/prometheus/*"}': bytes,
    });
    const begin = { before: updateBefore(done, {}, toValues(1, 9)), met: [] };
    const isDoneBy = (form: string): boolean =>
      isDone(done, begin, { values: toValues(2, 9 + form.length), has: () => false });
    expect(isDoneBy("query=1+1")).toBe(false);
    expect(isDoneBy("query=up&start=1795904414&end=1795904474&step=15")).toBe(true);
    const [deed] = MECHANICS["08-grafana/range"]!.action!.deeds;
    expect(deed?.type === "send" && isDoneBy(String(deed.body))).toBe(true);
  });

  // The rule is on the page that the learner looks at already.
  it.each(["11-alert/firing", "11-alert/resolved"])(
    "follow an alert in %s without a click",
    (id) => {
      const { done } = MECHANICS[id]!;
      const toValues = (samples: number) =>
        new Proxy<Record<string, number>>(
          {},
          { get: (_all, key) => (String(key).includes("count_over_time") ? samples : 1) },
        );
      const begin = { before: updateBefore(done, {}, toValues(4)), met: [] };
      expect(isDone(done, begin, { values: toValues(4), has: () => true })).toBe(false);
      expect(isDone(done, begin, { values: toValues(5), has: () => true })).toBe(true);
    },
  );

  // In a class the server has the options, and a step may be repeated with the files of the time before.
  it.each([
    "09-dashboards/restart",
    "09-dashboards/import",
    "09-dashboards/edit",
    "10-mean-and-median/file",
    "14-cpu/panel",
  ])("accept in %s what was there at its begin, once the learner looks", (id) => {
    const { page, done } = MECHANICS[id]!;
    const values = new Proxy<Record<string, number>>({}, { get: () => 1 });
    const before = updateBefore(done, {}, values);
    const met = meet(done, [], { type: "opened", place: parsePlace(page) });
    expect(met).toEqual([...done.keys()].filter((index) => isEvent(done[index]!)));
    expect(isDone(done, { before, met }, { values, has: () => true })).toBe(true);
  });
});
