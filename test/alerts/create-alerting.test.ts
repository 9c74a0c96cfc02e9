import { readFile, writeFile } from "node:fs/promises";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { checkAlertsOptions } from "../../src/alerts/check-options.ts";
import { createAlerting, type AlertingParts } from "../../src/alerts/create-alerting.ts";
import { ALERTS_OPTIONS, type AlertsOptions } from "../../src/alerts/options.ts";
import { resolveOptions } from "../../src/config/resolve-options.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createLabels } from "../../src/series/labels.ts";
import { createFolder } from "../support/folders.ts";
import { startPrometheusWith } from "../support/monitoring.ts";
import { hasProgram } from "../support/programs.ts";
import { until } from "../support/workers.ts";
import { engine } from "./evaluate.ts";
import { createTestLog, startJsonReceiver } from "./receiver.ts";
import { createTestStore } from "./store.ts";

const resolve = (flags: Partial<AlertsOptions>): AlertsOptions =>
  resolveOptions(ALERTS_OPTIONS, { flags });

async function create(
  flags: Partial<AlertsOptions>,
  more: Partial<AlertingParts> = {},
  store = createTestStore(),
) {
  const log = createTestLog();
  const alerting = await createAlerting(resolve({ rulesInterval: 0.1, ...flags }), {
    engine,
    reader: store,
    writer: store,
    clock: systemClock,
    log,
    serverUrl: "http://host:8000/",
    ...more,
  });
  const write = (value: number): void =>
    void store.append("up", Date.now(), [
      { labels: createLabels({ __name__: "up", job: "api" }), value },
    ]);
  return { store, log, alerting, write };
}

const HIDDEN = "got a value that is not shown because it may be a secret";
const EXPECTED_URL = `Expected a URL, for example http://127.0.0.1:9093, ${HIDDEN}.`;

const DOWN = {
  groups: [
    {
      name: "g",
      rules: [
        {
          alert: "Down",
          expr: "up == 0",
          labels: { severity: "critical" },
          annotations: { summary: "{{ $labels.job }} is down" },
        },
        { alert: "Watchdog", expr: "vector(1)", labels: { severity: "info" } },
      ],
    },
  ],
};

describe("an alert that fired before a restart", () => {
  /** Runs until the alert is reported, then stops, and starts again. @param prepare changes rules and samples in between */
  async function restart(
    prepare: (before: Awaited<ReturnType<typeof create>>, rules: string) => Promise<void> | void,
  ) {
    const resources = new AsyncDisposableStack();
    const folder = resources.use(await createFolder());
    const receiver = resources.use(await startJsonReceiver());
    const rules = `${folder.path}/r.yml`;
    const reportedFile = `${folder.path}/alerts.json`;
    await writeFile(rules, JSON.stringify(DOWN));
    const flags = {
      rules: [rules],
      alertWebhook: [`${receiver.url}/hook`],
      alertmanagerUrl: [receiver.url],
      alertGroupWait: 0,
      alertGroupInterval: 1,
      externalLabel: ["site=berlin"],
    };
    const bodies = (path: string) =>
      receiver.received.filter((one) => one.path === path).map(({ body }) => body);
    /** The messages to the webhook. */
    const messages = () =>
      bodies("/hook") as { readonly status: string; readonly alerts: readonly object[] }[];
    /** The alerts that the Alertmanager got. */
    const alerts = () =>
      bodies("/api/v2/alerts").flat() as {
        readonly labels: { readonly alertname: string };
        readonly endsAt: string;
      }[];
    const before = await create(flags, { reportedFile });
    before.alerting.start();
    before.write(0);
    await until(() => messages().length === 1 && alerts().length > 0);
    await before.alerting.close();
    await prepare(before, rules);
    const after = await create(flags, { reportedFile }, before.store);
    after.alerting.start();
    return {
      ...after,
      reportedFile,
      messages,
      alerts,
      /** Waits for further evaluations of all rules. */
      async evaluate() {
        const { evaluations } = after.alerting.counts();
        await until(() => after.alerting.counts().evaluations > evaluations + 30);
      },
      statuses: () => messages().map(({ status }) => status),
      async [Symbol.asyncDispose]() {
        await after.alerting.close();
        await resources.disposeAsync();
      },
    };
  }

  it("and ended meanwhile is resolved at each receiver, once", async () => {
    await using run = await restart(({ write }) => write(1));
    const { messages, alerts, statuses } = run;
    await until(() => statuses().includes("resolved"));
    const [fired, resolved] = messages();
    const { endsAt, ...same } = fired!.alerts[0] as { readonly endsAt: string };
    expect(endsAt).toBe("0001-01-01T00:00:00Z");
    expect(resolved!.alerts).toMatchObject([{ ...same, status: "resolved" }]);
    await until(() =>
      alerts().some(
        ({ labels, endsAt: end }) => labels.alertname === "Down" && Date.parse(end) <= Date.now(),
      ),
    );
    await run.evaluate();
    expect(statuses()).toEqual(["firing", "resolved"]);
    await run.alerting.close();
    const { receivers } = JSON.parse(await readFile(run.reportedFile, "utf8"));
    expect(JSON.stringify(receivers)).not.toContain('"Down"');
    expect(JSON.stringify(receivers)).not.toContain("/hook");
  }, 30_000);

  it("and still fires is not reported again, and is resolved later", async () => {
    await using run = await restart(({ write }) => write(0));
    await run.evaluate();
    expect(run.statuses()).toEqual(["firing"]);
    run.write(1);
    await until(() => run.statuses().length > 1);
    expect(run.statuses()).toEqual(["firing", "resolved"]);
  }, 30_000);

  it("and is pending stays as it is until it ends", async () => {
    await using run = await restart(async ({ write }, rules) => {
      await writeFile(rules, JSON.stringify(DOWN).replace('"expr":"up == 0"', '$&,"for":"1h"'));
      write(0);
    });
    await run.evaluate();
    expect(run.alerting.listAlerts().map(({ state }) => state)).toContain("pending");
    expect(run.statuses()).toEqual(["firing"]);
    run.write(1);
    await until(() => run.statuses().length > 1);
    expect(run.statuses()).toEqual(["firing", "resolved"]);
  }, 30_000);

  it("stays as it is while its rule fails, and is resolved without its rule", async () => {
    await using run = await restart(async ({ write }, rules) => {
      write(1);
      const failing = JSON.stringify(DOWN).replace(
        "up == 0",
        "up + on () group_left () vector(1) or label_replace(up, '', '', '', '')",
      );
      await writeFile(rules, failing);
    });
    await run.evaluate();
    expect(run.alerting.counts().failures).toBeGreaterThan(0);
    expect(run.statuses()).toEqual(["firing"]);
    const rules = run.alerting.listGroups()[0]!.file;
    await writeFile(rules, "groups: [{name: g, rules: [{alert: Other, expr: up == 0}]}]");
    await run.alerting.reload();
    await until(() => run.statuses().length > 1);
    expect(run.statuses()).toEqual(["firing", "resolved"]);
  }, 30_000);

  it("is lost with a damaged file, which is logged", async () => {
    await using folder = await createFolder();
    const reportedFile = `${folder.path}/alerts.json`;
    await writeFile(`${folder.path}/r.yml`, JSON.stringify(DOWN));
    for (const text of ["{", '{"version":2}', '{"version":1,"receivers":{"x":[{}]}}']) {
      await writeFile(reportedFile, text);
      const { alerting, log } = await create({ rules: [folder.path] }, { reportedFile });
      expect(log.lines.join()).toContain("Ignored the reported alerts");
      await alerting.close();
    }
  });
});

describe("alerting", () => {
  it("evaluates rules, and notifies a webhook and an Alertmanager while others do not reply", async () => {
    await using folder = await createFolder();
    await using receiver = await startJsonReceiver();
    await using dead = await startJsonReceiver();
    dead.state.status = 0;
    await writeFile(`${folder.path}/r.yml`, JSON.stringify(DOWN));
    await writeFile(`${folder.path}/urls`, `# comment\n\n${receiver.url}/from-file\n`);
    const { alerting, write, store, log } = await create({
      rules: [folder.path],
      alertWebhook: [`${dead.url}/hook`, "http://127.0.0.1:1/hook", `${receiver.url}/hook`],
      alertWebhookFile: `${folder.path}/urls`,
      alertmanagerUrl: [receiver.url, dead.url],
      alertGroupWait: 0,
      alertGroupInterval: 1,
    });
    alerting.start();
    write(0);
    const bodies = (path: string) =>
      receiver.received.filter((one) => one.path === path).map(({ body }) => body);
    await until(() => bodies("/hook").length > 0 && bodies("/from-file").length > 0);
    expect(bodies("/hook")[0]).toMatchObject({
      version: "4",
      status: "firing",
      groupKey: '{}:{alertname="Down", job="api"}',
      externalURL: "http://host:8000/prometheus",
      alerts: [{ annotations: { summary: "api is down" }, labels: { severity: "critical" } }],
    });
    await until(() => bodies("/api/v2/alerts").length > 0);
    // An Alertmanager receives alerts of every severity.
    await until(() => JSON.stringify(bodies("/api/v2/alerts")).includes("Watchdog"));
    write(1);
    await until(() => JSON.stringify(bodies("/hook").at(-1)).includes('"resolved"'));
    // Two receivers never replied, and evaluation continued.
    await until(() => Object.keys(store.dump("ALERTS")).length > 0);
    await until(() => {
      const { evaluations, sending, send_failures } = alerting.counts();
      return evaluations > 10 && sending > 0 && send_failures > 0;
    });
    expect(alerting.counts().failures).toBe(0);
    expect(log.lines.join("\n")).not.toContain("/hook");
    expect(bodies("/hook").some((body) => JSON.stringify(body).includes("Watchdog"))).toBe(false);
    await alerting.close();
    await alerting.close();
  }, 30_000);

  it("follows the file of webhook URLs; broken content changes nothing", async () => {
    await using folder = await createFolder();
    await using receiver = await startJsonReceiver();
    const file = `${folder.path}/urls`;
    await writeFile(`${folder.path}/r.yml`, JSON.stringify(DOWN));
    await writeFile(file, `${receiver.url}/old`);
    const { alerting, write, log } = await create({
      rules: [folder.path],
      alertWebhook: [`${receiver.url}/kept`],
      alertWebhookFile: file,
      alertGroupWait: 0,
      alertGroupInterval: 1,
    });
    const statuses = (path: string): readonly string[] =>
      receiver.received
        .filter((one) => one.path === path)
        .map(({ body }) => (body as { readonly status: string }).status);
    const countLines = (start: string): number =>
      log.lines.filter((line) => line.startsWith(start)).length;
    alerting.start();
    write(0);
    await until(() => statuses("/old").length > 0 && statuses("/kept").length > 0);

    await writeFile(file, `${receiver.url}/new`);
    await until(() => countLines("info reloaded the receivers of alerts: ") === 1);
    write(1);
    await until(() => statuses("/kept").includes("resolved"));
    write(0);
    await until(() => statuses("/new").length > 0 && statuses("/kept").length > 2);
    expect(statuses("/old")).toEqual(["firing"]);
    expect(statuses("/kept")).toEqual(["firing", "resolved", "firing"]);
    expect(statuses("/new")).toEqual(["firing"]);
    // The messages to the removed receiver still count.
    await until(() => alerting.counts().sent === 5);

    await writeFile(file, "secret");
    const broken = "error cannot reload the receivers of alerts, keeping the earlier ones: ";
    await until(() => countLines(broken) === 1);
    await writeFile(`${folder.path}/r.yml`, JSON.stringify(DOWN).replaceAll("Down", "Gone"));
    await expect(alerting.reload()).rejects.toThrow(`--alert-webhook-file ${file}:1: `);
    // The rules were read all the same.
    expect(alerting.listGroups()[0]?.rules[0]?.name).toBe("Gone");
    expect(log.lines.join().replaceAll("may be a secret", "")).not.toContain("secret");
    await writeFile(`${folder.path}/r.yml`, "groups: [{name: g, rules: [{alert: A}]}]");
    await expect(alerting.reload()).rejects.toThrow(
      /Field 'expr' must be set[^]*--alert-webhook-file/,
    );

    // A reload does not wait for the next look.
    await writeFile(`${folder.path}/r.yml`, JSON.stringify(DOWN).replaceAll("Down", "Again"));
    await writeFile(file, `${receiver.url}/last`);
    await alerting.reload();
    await until(() => statuses("/last").includes("firing"));
    await alerting.close();
  }, 60_000);

  it("keeps its rules if a reload finds invalid ones", async () => {
    await using folder = await createFolder();
    await writeFile(`${folder.path}/r.yml`, JSON.stringify(DOWN));
    const { alerting } = await create({ rules: [`${folder.path}/*.yml`] });
    await writeFile(`${folder.path}/r.yml`, "groups: [{name: g, rules: [{alert: A}]}]");
    await expect(alerting.reload()).rejects.toThrow("Field 'expr' must be set in rule.");
    expect(alerting.listGroups()[0]?.rules).toHaveLength(2);
    await writeFile(`${folder.path}/r.yml`, "groups: [{name: g, rules: [{alert: A, expr: up}]}]");
    await alerting.reload();
    expect(alerting.listGroups()[0]?.rules).toMatchObject([{ name: "A", health: "unknown" }]);
    await alerting.close();
  });

  it.each([
    [
      { alertWebhook: ["http://good/x", "mailto:secret"] },
      `Invalid option --alert-webhook/1: ${EXPECTED_URL}`,
    ],
    [
      { alertWebhook: ["http://me:secret%@host/"] },
      `--alert-webhook/0: ${EXPECTED_URL} Write a % in`,
    ],
    [{ alertWebhook: { x: "secret" } as never }, HIDDEN],
    [{ alertmanagerUrl: ["secret words"] }, `--alertmanager-url/0: ${EXPECTED_URL}`],
    [{ alertWebhookFile: "/none" }, "--alert-webhook-file /none: Cannot read the file"],
    [{ alertWebhookMatch: ["severity"] }, "--alert-webhook-match: Expected a list of matchers"],
    [
      { alertWebhookMatch: ['a="b"} + {c="d"'] },
      "--alert-webhook-match: Expected a list of matchers",
    ],
  ] as const)("rejects invalid receivers and matchers: %j", async (flags, message) => {
    const error: unknown = await create(flags).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining(message) as string,
    });
    expect(String(error).replaceAll("may be a secret", "")).not.toContain("secret");
  });

  it("reports all problems of its receivers with the lines of a file, without URLs", async () => {
    await using folder = await createFolder();
    const file = `${folder.path}/urls`;
    await writeFile(file, "# comment\n\nhttp://good/x\nsecret\nftp://secret/\n");
    const options = resolve({ alertWebhookFile: file, alertWebhookMatch: ["severity"] });
    const error: unknown = await checkAlertsOptions(options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "INVALID_OPTION",
      problems: [
        { at: `--alert-webhook-file ${file}:4` },
        { at: `--alert-webhook-file ${file}:5` },
        { at: "--alert-webhook-match" },
      ],
    });
    expect(String(error)).toContain(`:5: ${EXPECTED_URL}`);
    expect(String(error).replaceAll("may be a secret", "")).not.toContain("secret");
  });

  it("lists groups without rules, and applies filters", async () => {
    await using folder = await createFolder();
    const rules = {
      groups: [
        ...DOWN.groups,
        { name: "h", rules: [{ record: "a", expr: "up" }] },
        { name: "none" },
      ],
    };
    await writeFile(`${folder.path}/r.yml`, JSON.stringify(rules));
    const { alerting } = await create({ rules: [folder.path] });
    const list = (filter: Parameters<typeof alerting.listGroups>[0]): readonly string[] =>
      alerting
        .listGroups(filter)
        .map(({ name, rules: listed }) => `${name}: ${listed.map((rule) => rule.name).join(" ")}`);
    expect(list({})).toEqual(["g: Down Watchdog", "h: a", "none: "]);
    expect(list({ type: "alert" })).toEqual(["g: Down Watchdog"]);
    expect(list({ type: "record" })).toEqual(["h: a"]);
    expect(list({ ruleNames: ["Down", "a"] })).toEqual(["g: Down", "h: a"]);
    expect(list({ groupNames: ["none"] })).toEqual(["none: "]);
    expect(list({ files: ["other.yml"] })).toEqual([]);
    await alerting.close();
  });
});

/** Replaces times and durations, which differ between evaluators. */
function withoutTimes(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, one: unknown) => {
      if (key === "evaluationTime") return typeof one;
      if (["lastEvaluation", "activeAt", "keepFiringSince"].includes(key)) {
        return String(one).replaceAll(/\d/g, "0").replace(/\.0+/, "");
      }
      return one;
    }),
  );
}

describe.runIf(hasProgram("prometheus"))(
  "descriptions of rules and alerts, compared with a real Prometheus",
  () => {
    it("are the same", async () => {
      await using folder = await createFolder();
      const file = `${folder.path}/r.yml`;
      const rules = {
        groups: [
          {
            name: "g",
            interval: "1s",
            limit: 7,
            rules: [
              { record: "a:b", expr: "sum by(x)(up)+1", labels: { one: "two" } },
              { record: "c:d", expr: "vector(2)" },
              { record: "e:f", expr: "label_replace(vector(1), '__bad__', '$1', 'x', '(')" },
            ],
          },
          {
            name: "h",
            rules: [
              {
                alert: "Firing",
                expr: "vector(12345) > 0",
                labels: { x: "{{ $value }}", severity: "page" },
                annotations: { text: "is {{ $value }}", b: "a" },
              },
              {
                alert: "Pending",
                expr: 'vector(-0.5) or label_replace(vector(1e-9),"z","y","","")',
                for: "1h",
                keep_firing_for: "90s",
              },
              { alert: "Inactive", expr: "vector(1) > 1" },
            ],
          },
          { name: "empty", rules: [] },
        ],
      };
      await writeFile(file, JSON.stringify(rules));
      await writeFile(
        `${folder.path}/prometheus.yml`,
        JSON.stringify({ global: { evaluation_interval: "1s" }, rule_files: [file] }),
      );
      await using prometheus = await startPrometheusWith([
        `--config.file=${folder.path}/prometheus.yml`,
        `--storage.tsdb.path=${folder.path}/data`,
      ]);
      const fetchData = async (path: string): Promise<unknown> => {
        const response = await request(`${prometheus.url}/api/v1/${path}`);
        return Object((await response.body.json()) as object)["data"];
      };
      const { alerting } = await create({ rules: [file], rulesInterval: 1 });
      alerting.start();
      const isReady = (text: string): boolean =>
        text.includes('"firing"') && text.includes('"pending"') && !text.includes('"unknown"');
      await until(async () => isReady(JSON.stringify(await fetchData("rules"))));
      await until(() => isReady(JSON.stringify(alerting.listGroups())));
      // Prometheus lists alerts in any order, and words query errors differently.
      const sort = (groups: unknown): unknown =>
        JSON.parse(
          JSON.stringify(groups, (key, one: unknown) => {
            if (key === "lastError") return "some error";
            return key === "alerts" && Array.isArray(one)
              ? one.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
              : one;
          }),
        );
      expect(sort(withoutTimes({ groups: alerting.listGroups() }))).toEqual(
        sort(withoutTimes(await fetchData("rules"))),
      );
      for (const type of ["alert", "record"] as const) {
        const theirs = Object(await fetchData(`rules?type=${type}`))["groups"] as {
          name: string;
          rules: unknown[];
        }[];
        const ours = alerting.listGroups({ type });
        const left = theirs.filter((one) => one.rules.length > 0);
        expect(sort(withoutTimes(ours))).toEqual(sort(withoutTimes(left)));
      }
      const alerts = { alerts: alerting.listAlerts() };
      expect(sort(withoutTimes(alerts))).toEqual(sort(withoutTimes(await fetchData("alerts"))));
      await alerting.close();
    }, 60_000);
  },
);
