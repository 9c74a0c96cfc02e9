import { describe, expect, it } from "vitest";
import { parseDashboard } from "./dashboard.ts";
import { parseLinks } from "./dashboard-links.ts";
import { resolveUrl, type LinkContext } from "./resolve-url.ts";

const [job, instance] = parseDashboard({
  templating: {
    list: [
      { type: "query", name: "job", multi: true, includeAll: true, allValue: ".+" },
      { type: "query", name: "instance" },
    ],
  },
}).variables;
const option = (value: string) => ({ text: value, value });
const context: LinkContext = {
  selection: new Map([
    ["job", { variable: job!, options: [option("api"), option("load")], values: ["$__all"] }],
    ["instance", { variable: instance!, options: [option("a b")], values: ["a b"] }],
  ]),
  builtIns: { __from: "1000", __to: "2000" },
  time: { from: "now-1h", to: "now" },
  findDashboard: (uid) => (uid === "tepal-model" ? "model" : undefined),
};
const resolve = (given: object, values = {}) =>
  resolveUrl(parseLinks([given])[0]!, context, values);

describe("the URL of a link", () => {
  it.each([
    ["https://docs.example/$instance", "https://docs.example/a%20b"],
    ["/x?${job:queryparam}", "/x?var-job=%24__all"],
    [
      "/x?$__url_time_range&$__all_variables",
      "/x?from=now-1h&to=now&var-job=%24__all&var-instance=a+b",
    ],
    ["/x?from=$__from&to=${__to}", "/x?from=1000&to=2000"],
    // A dashboard of this console, and one of another Grafana.
    ["/d/tepal-model/a-name?var-job=api", "#/dashboards/model?var-job=api"],
    ["d/tepal-model", "#/dashboards/model"],
    ["/d/other/name", "/d/other/name"],
    ["runbooks/Slow", "runbooks/Slow"],
  ])("%s is %s", (url, expected) => {
    expect(resolve({ url })).toBe(expected);
  });

  it("keeps time and variables on demand", () => {
    const kept = { url: "/d/tepal-model", keepTime: true, includeVars: true };
    expect(resolve(kept)).toBe(
      "#/dashboards/model?from=now-1h&to=now&var-job=%24__all&var-instance=a+b",
    );
    expect(resolve({ url: "https://x.example/?a=1", keepTime: true })).toBe(
      "https://x.example/?a=1&from=now-1h&to=now",
    );
  });

  it("has the values of a field, encoded", () => {
    const url = "/x?v=${__value.raw}&l=${__field.labels.job}&n=${__series.name}&u=${__data.absent}";
    const values = { "__value.raw": "1.5", "__field.labels.job": "a&b", "__series.name": "s" };
    expect(resolve({ url }, values)).toBe("/x?v=1.5&l=a%26b&n=s&u=${__data.absent}");
  });

  it.each(["javascript:alert(1)", " java\nscript:alert(1)", "data:text/html,x", "vbscript:x", ""])(
    "is none for %j",
    (url) => {
      expect(resolve({ url })).toBeUndefined();
    },
  );
});
