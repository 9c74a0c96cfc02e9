import { writeFile } from "node:fs/promises";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFolder } from "../support/folders.ts";
import { IRIS, toIrisObject } from "../support/models.ts";
import { startPrometheusWith } from "../support/monitoring.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/workers.ts";

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Fields that Prometheus 3 has and Debian's 2.42 has not. */
const NEWER = new Set(["droppedTargetCounts", "hostname", "serverTime", "GOMEMLIMIT"]);

/** Parses bucket bounds: 2.42 stores them as scraped, 3.x and Tepal in the format of OpenMetrics, `1.0`, `1.048576e+06`. */
function toBound([name, value]: [string, string]): [string, string | number] {
  return [name, name === "le" ? Number(value.replace("Inf", "Infinity")) : value];
}

/** Reduces a value to names of fields and types. The first element of a list represents all. */
function toShape(value: Json): Json {
  if (Array.isArray(value)) return value.slice(0, 1).map(toShape);
  if (value === null || typeof value !== "object") return typeof value;
  const fields = Object.entries(value).filter(([name]) => !NEWER.has(name));
  return Object.fromEntries(
    fields.toSorted().map(([name, field]: [string, Json]) => [name, toShape(field)]),
  );
}

describe.runIf(hasProgram("prometheus"))(
  "the monitor and a real Prometheus with the same target",
  () => {
    const resources = new AsyncDisposableStack();
    let server: TestServer;
    let urls: readonly string[] = [];

    /** Sends a request to both. @returns the data of Prometheus and ours, in this order */
    async function sendToBoth(path: string): Promise<readonly Json[]> {
      return Promise.all(
        urls.map(async (url) => {
          const { body } = await request(`${url}/api/v1/${path}`);
          const reply = (await body.json()) as { readonly status: string; readonly data: Json };
          expect(reply.status).toBe("success");
          return reply.data;
        }),
      );
    }
    const toQuery = (promql: string): string => `query?query=${encodeURIComponent(promql)}`;

    beforeAll(async () => {
      const folder = resources.use(await createFolder());
      // Without rules, because Prometheus has no recorded series either.
      const rules = `${folder.path}/rules.yml`;
      await writeFile(rules, '{"groups": []}');
      server = resources.use(
        await startServer(
          { monitor: true, persist: false, scrapeInterval: 1, rules: [rules] },
          {
            // The monitor reads the text format. In OpenMetrics, Prometheus would find `_created` and metadata by other names.
            extend: ({ app }) =>
              void app.addHook("onRequest", (incoming, _reply, done) => {
                delete incoming.headers.accept;
                done();
              }),
          },
        ),
      );
      const config = {
        global: { scrape_interval: "1s", scrape_timeout: "1s" },
        scrape_configs: [
          { job_name: "tepal", static_configs: [{ targets: [new URL(server.url).host] }] },
        ],
      };
      // JSON is valid YAML.
      await writeFile(`${folder.path}/prometheus.yml`, JSON.stringify(config));
      const prometheus = resources.use(
        await startPrometheusWith([
          `--config.file=${folder.path}/prometheus.yml`,
          `--storage.tsdb.path=${folder.path}/data`,
        ]),
      );
      urls = [prometheus.url, `${server.url}/prometheus`];
      for (const { row } of IRIS) await server.post("/predict", toIrisObject(row));
      await server.post("/predict", { sepal_length: "long" });
      // Scrapes and queries are requests too, and create series: wait until both have scraped these.
      const routes = ["/metrics", "/prometheus/*"].map(
        (route) => `count(api_requests_total{route="${route}"})`,
      );
      const seen = toQuery(
        `count({job="tepal"}) and sum(api_requests_total{route="/predict"}) == 151 and ${routes.join(" and ")}`,
      );
      let before: readonly Json[] = [];
      await until(async () => {
        const now = (await sendToBoth(seen)).map((data) => JSON.stringify(toValues(data)));
        const isSettled = now[0] !== "[]" && now[0] === now[1] && now[0] === before[0];
        before = now;
        return isSettled;
      });
    });
    afterAll(() => resources.disposeAsync());

    /** Returns the values of an instant query, without their times. */
    function toValues(data: Json): readonly string[] {
      const { result } = data as {
        readonly result: readonly { readonly value: [number, string] }[];
      };
      return result.map(({ value }) => value[1]);
    }

    it("have the same series", async () => {
      const path = `series?match[]=${encodeURIComponent('{job="tepal"}')}`;
      const [theirs, ours] = (await sendToBoth(path)).map((data) =>
        (data as readonly object[])
          .map((labels) => JSON.stringify(Object.entries(labels).map(toBound).toSorted()))
          .toSorted(),
      );
      expect(theirs?.length).toBeGreaterThan(300);
      expect(ours).toEqual(theirs);
    });

    it.each([
      'sort(api_requests_total{route="/predict"})',
      "sort(sum by (class) (model_predictions_total))",
      "sum(model_ood_p_value_count)",
      "histogram_quantile(0.9, sum by (le) (model_confidence_bucket))",
      "max by (version) (model_feature_reference_ratio)",
      "up",
    ])("have equal results of %s", async (promql) => {
      const [theirs, ours] = (await sendToBoth(toQuery(promql))).map(toValues);
      expect(theirs?.length).toBeGreaterThan(0);
      expect(ours).toEqual(theirs);
    });

    it("describe the target equally", async () => {
      const [theirs, ours] = await sendToBoth("targets");
      expect(toShape(ours ?? null)).toEqual(toShape(theirs ?? null));
      const [expected, actual] = [theirs, ours].map((data) => {
        const { activeTargets } = data as { readonly activeTargets: readonly object[] };
        // Times and durations differ, and Prometheus puts the host name in links.
        return activeTargets.map((target) => ({
          ...target,
          lastScrape: "",
          lastScrapeDuration: 0,
          globalUrl: "",
        }));
      });
      expect(actual).toEqual(expected);
    });

    it("have equal metadata of each metric", async () => {
      const [theirs, ours] = await sendToBoth("metadata");
      expect(Object.keys(theirs as object).length).toBeGreaterThan(30);
      expect(ours).toEqual(theirs);
    });

    it("have equal metadata by target", async () => {
      const [theirs, ours] = await sendToBoth("targets/metadata?metric=api_requests_total");
      expect(theirs).toHaveLength(1);
      expect(ours).toEqual(theirs);
    });

    it("federate the same series", async () => {
      const [theirs, ours] = await Promise.all(
        urls.map(async (url) => {
          const { body } = await request(`${url}/federate?match[]={__name__=~"up|model_.*total"}`);
          return (await body.text())
            .replaceAll(/ \d{13}$/gm, "")
            .split("\n")
            .toSorted();
        }),
      );
      expect(theirs?.length).toBeGreaterThan(5);
      expect(ours).toEqual(theirs);
    });

    it.each(["status/buildinfo", "status/config", "status/runtimeinfo", "status/tsdb"])(
      "reply to %s in the same shape",
      async (path) => {
        const [theirs, ours] = await sendToBoth(path);
        expect(toShape(ours ?? null)).toEqual(toShape(theirs ?? null));
      },
    );

    it("list flags as strings by name", async () => {
      for (const flags of await sendToBoth("status/flags")) {
        const entries = Object.entries(flags as object);
        expect(entries.length).toBeGreaterThan(5);
        for (const [, value] of entries) expect(typeof value).toBe("string");
      }
    });
  },
);
