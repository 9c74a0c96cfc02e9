import { writeFile } from "node:fs/promises";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startJsonReceiver } from "../alerts/receiver.ts";
import { openBrowser } from "../support/browser.ts";
import { buildConsole, capture, findOverflow, openPage } from "../support/console.ts";
import { createFolder } from "../support/folders.ts";
import { startPrometheusWith } from "../support/monitoring.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/workers.ts";

/** Longer than the console's refresh, so that the page shows the state. */
const FOR_SECONDS = 7;

const RULES = {
  groups: [
    {
      name: "try",
      rules: [
        {
          alert: "Trouble",
          expr: "app_trouble > 0",
          for: `${FOR_SECONDS}s`,
          labels: { severity: "critical", team: "iris" },
          annotations: {
            summary: "The application has {{ $value }} troubles",
            description: "Look at the log.",
            runbook_url: "http://other.example/runbooks/HighLatency",
            dashboard_url: "http://other.example/console/#/dashboards/tepal-latency",
          },
        },
        {
          alert: "Loud",
          expr: "vector(1)",
          labels: { severity: "warning" },
          annotations: { summary: "Always" },
        },
        { alert: "Beat", expr: "vector(1)", labels: { severity: "info" } },
        { alert: "Quiet", expr: "app_trouble > 100" },
      ],
    },
  ],
};

describe.runIf(hasProgram("chromium"))("the pages of alerts and status", () => {
  const resources = new AsyncDisposableStack();
  let browser: Browser;
  let server: TestServer;
  let receiver: Awaited<ReturnType<typeof startJsonReceiver>>;
  let setTrouble: (value: number) => void;

  beforeAll(async () => {
    const consoleFolder = await buildConsole();
    const folder = resources.use(await createFolder());
    receiver = resources.use(await startJsonReceiver());
    await writeFile(`${folder.path}/rules.json`, JSON.stringify(RULES));
    browser = await openBrowser();
    resources.defer(() => browser.close());
    server = resources.use(
      await startServer(
        {
          monitor: true,
          persist: false,
          scrapeInterval: 0.5,
          rules: [`${folder.path}/rules.json`],
          rulesInterval: 0.5,
          alertWebhook: [`${receiver.url}/s3cret`],
          alertGroupWait: 0,
          alertGroupInterval: 1,
          alertRepeatInterval: 1,
          externalLabel: ["site=berlin"],
        },
        {
          consoleFolder,
          extend({ metrics }) {
            const gauge = metrics.gauge({ name: "app_trouble", help: "Troubles." });
            setTrouble = (value) => gauge.set(value);
            setTrouble(0);
          },
        },
      ),
    );
  });
  afterAll(() => resources.disposeAsync());

  const findRule = (page: Page, name: string): Locator => page.locator(`[data-rule="${name}"]`);
  const waitForState = (rule: Locator, state: string): Promise<void> =>
    rule.locator(".rule-head .alert-state", { hasText: state }).waitFor();
  const countMessages = (name: string): number =>
    receiver.received.filter(({ body }) => JSON.stringify(body).includes(`"alertname":"${name}"`))
      .length;

  it("show an alert pending, firing, silenced and resolved, as its notification states it", async () => {
    const { page, hosts, faults } = await openPage(browser, `${server.url}/console/#/alerts`, {
      viewport: { width: 1_440, height: 900 },
    });
    const trouble = findRule(page, "Trouble");
    await waitForState(trouble, "inactive");
    await trouble.getByRole("button", { name: /Trouble/ }).click();
    await trouble.getByText(/^No alert of this rule was pending or firing/).waitFor();
    await trouble.getByRole("heading", { name: "HighLatency" }).waitFor();
    setTrouble(3);
    await waitForState(trouble, "pending");
    await waitForState(trouble, "firing");
    const card = trouble.locator(".alert-card");
    const { json } = await server.get("/prometheus/api/v1/alerts");
    const alert = json.data.alerts.find(
      ({ labels }: { readonly labels: Readonly<Record<string, string>> }) =>
        labels["alertname"] === "Trouble",
    );
    expect(alert.annotations.summary).toBe("The application has 3 troubles");
    await card.getByText(alert.annotations.summary, { exact: true }).waitFor();
    expect(await card.locator(".alert-description").innerText()).toBe("Look at the log.");
    expect(await card.locator(".alert-labels code").allInnerTexts()).toEqual(
      Object.entries(alert.labels).map(([name, value]) => `${name}=${String(value)}`),
    );
    expect(await card.innerText()).toContain("value 3");
    expect(await card.getByRole("link", { name: "Dashboard" }).getAttribute("href")).toBe(
      alert.annotations.dashboard_url,
    );
    const explore = await trouble.getByRole("link", { name: "Explore" }).getAttribute("href");
    expect(new URLSearchParams(explore?.split("?")[1]).get("q")).toBe("app_trouble > 0");
    expect(await trouble.locator(".alert-spans tbody th").allInnerTexts()).toContain("firing");
    await capture(page, "alerts");

    await until(async () => countMessages("Trouble") > 0);
    await card.getByRole("button", { name: "Silence" }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.getByLabel("Matchers").inputValue()).toContain('team="iris"');
    await dialog.getByRole("button", { name: "Silence" }).click();
    await dialog.getByText("Expected the reason, for others on call.").waitFor();
    await dialog.getByLabel("Comment").fill("Planned work");
    await dialog.getByLabel("Your name").fill("ann");
    await dialog.getByLabel("Duration").fill("2h");
    await dialog.getByRole("button", { name: "Silence" }).click();
    await card.getByText("Silenced: no webhook gets this alert").waitFor();
    const { json: silences } = await server.get("/alertmanager/api/v2/silences");
    expect(silences).toMatchObject([
      { comment: "Planned work", createdBy: "ann", status: { state: "active" } },
    ]);
    const lengthMs = Date.parse(silences[0].endsAt) - Date.parse(silences[0].startsAt);
    expect(Math.round(lengthMs / 60_000)).toBe(120);
    // A message that was on its way arrives before the second next one of the other alert.
    const waitForLoud = async (): Promise<void> => {
      const before = countMessages("Loud");
      await until(async () => countMessages("Loud") > before + 1);
    };
    await waitForLoud();
    const sent = countMessages("Trouble");
    await waitForLoud();
    expect(countMessages("Trouble")).toBe(sent);
    const item = page.locator(`.silence[data-id="${silences[0].id}"]`);
    expect(await item.locator("code").allInnerTexts()).toContain('alertname="Trouble"');
    await item.getByRole("button", { name: "Expire now" }).click();
    await page.getByText("Expired in the last five days: 1").waitFor();
    await until(async () => countMessages("Trouble") > sent);

    setTrouble(0);
    await waitForState(trouble, "inactive");
    const states = await trouble.locator(".alert-spans tbody th").allInnerTexts();
    expect(states[0]).toBe("firing");
    expect(states).toContain("pending");
    expect(await trouble.locator(".alert-spans tbody tr").first().innerText()).not.toContain("now");
    expect([...hosts]).toEqual([server.url]);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("send a test notification to a receiver, and show its reply", async () => {
    const { page, faults } = await openPage(browser, `${server.url}/console/#/alerts`);
    const item = page.locator(".receiver");
    await item.getByRole("button", { name: "Send a test" }).click();
    await item.getByText("The receiver accepted the test (status 200)").waitFor();
    expect(countMessages("TestNotification")).toBe(1);
    await item.getByRole("button", { name: "Send a test" }).click();
    await item.getByText("Expected at most one test of a receiver in 10 s").waitFor();
    expect(await page.content()).not.toContain("s3cret");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("draw the history of an alert that is no problem in another color", async () => {
    const { page } = await openPage(browser, `${server.url}/console/#/alerts`);
    const readFill = async (name: string): Promise<unknown> => {
      const rule = findRule(page, name);
      await rule.locator(".rule-head").click();
      await rule.locator(".alert-strip .is-firing").first().waitFor();
      return page.evaluate(`getComputedStyle(document.querySelector(
        '[data-rule="${name}"] .alert-strip .is-firing')).fill`);
    };
    const [loud, beat] = [await readFill("Loud"), await readFill("Beat")];
    expect(loud).toMatch(/^rgb/);
    expect(beat).toMatch(/^rgb/);
    expect(beat).not.toBe(loud);
    await page.close();
  });

  it("filter rules, and work by keyboard, at 360 px and in the dark", async () => {
    const { page, faults } = await openPage(browser, `${server.url}/console/#/alerts`, {
      viewport: { width: 360, height: 740 },
      colorScheme: "dark",
    });
    const names = (): Promise<readonly string[]> => page.locator(".rule-name").allInnerTexts();
    setTrouble(0);
    await waitForState(findRule(page, "Trouble"), "inactive");
    expect((await names())[0]).toMatch(/^Loud/);
    await findRule(page, "Loud").locator(".rule-head").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const second = page.locator(".rule").nth(1);
    expect(await second.locator(".rule-head").getAttribute("aria-expanded")).toBe("true");
    expect(page.url()).toContain("rule=");
    await page.getByRole("searchbox").fill("team=iris log");
    await expect.poll(names).toEqual([expect.stringMatching(/^Trouble/)]);
    expect(page.url()).toContain("search=team");
    await page.getByText("Firing 2").click();
    await page.getByText("No rule has this state and these words").waitFor();
    await page.getByRole("button", { name: "Show all rules" }).click();
    await expect.poll(async () => (await names()).length).toBe(4);
    expect(await findOverflow(page)).toBe(0);
    await capture(page, "alerts-narrow");
    await page.getByRole("button", { name: "New silence" }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    expect(await page.evaluate("document.activeElement.textContent")).toBe("New silence");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("show the numbers of the API on the page Status, whose sections have URLs", async () => {
    const { page, hosts, faults } = await openPage(
      browser,
      `${server.url}/console/#/status/flags`,
      { viewport: { width: 1_440, height: 900 } },
    );
    const section = (id: string): Locator => page.locator(`[data-section="${id}"]`);
    const readRows = async (id: string, table = 0): Promise<readonly string[]> => {
      const rows = section(id).locator("table").nth(table).locator("tbody tr");
      return (await rows.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " "));
    };
    const fact = (id: string, name: string): Promise<string> =>
      section(id).locator("dl > div", { hasText: name }).locator("dd").first().innerText();
    const api = async (path: string) => (await server.get(`/prometheus/api/v1/${path}`)).json.data;
    await section("flags").locator("table").waitFor();
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Flags");
    const { json: status } = await server.get("/admin/status");
    const flags = await readRows("flags");
    expect(flags).toHaveLength(status.options.length);
    expect(flags).toContain("--rules-interval 0.5 --rules-interval 15");
    expect(flags.find((row) => row.startsWith("--alert-webhook "))).toContain(`${receiver.url}/…`);
    expect(await page.content()).not.toContain("s3cret");
    const [targets] = (await api("targets")).activeTargets;
    expect((await readRows("targets"))[0]).toContain(`tepal ${targets.labels.instance} up`);
    expect((await readRows("targets"))[0]).toContain(targets.scrapeUrl);
    expect((await readRows("rules"))[0]).toMatch(/^try rules.json 4 0.5 s .* ok$/);
    expect((await readRows("processes"))[0]).toMatch(
      new RegExp(`^server ${process.pid} up .* 0 0$`),
    );
    expect(await fact("build", "Node.js")).toBe(process.versions.node);
    expect(await section("receivers").innerText()).toContain(receiver.url);
    expect(JSON.parse(await section("configuration").locator("pre").innerText())).toEqual(
      JSON.parse((await api("status/config")).yaml),
    );
    // Series are added while the page is open; it follows within its refresh.
    await expect
      .poll(async () => {
        const { headStats, seriesCountByMetricName } = await api("status/tsdb");
        const shown = [await fact("history", "Series"), ...(await readRows("history"))];
        return (
          JSON.stringify(shown) ===
          JSON.stringify([
            headStats.numSeries.toLocaleString("en-GB"),
            ...seriesCountByMetricName.map(
              ({ name, value }: { readonly name: string; readonly value: number }) =>
                `${name} ${value}`,
            ),
          ])
        );
      })
      .toBe(true);
    await capture(page, "status");
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await findOverflow(page)).toBe(0);
    await page.getByRole("navigation", { name: "Sections" }).getByText("Rules").click();
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Rules");
    expect([...hosts]).toEqual([server.url]);
    expect(faults).toEqual([]);
    await page.close();
  });

  it.runIf(hasProgram("prometheus"))(
    "show the alerts and the status of a real Prometheus",
    async () => {
      await using folder = await createFolder();
      const rules = { groups: RULES.groups.map((group) => ({ ...group, interval: "1s" })) };
      await writeFile(`${folder.path}/rules.yml`, JSON.stringify(rules));
      const config = {
        scrape_configs: [
          {
            job_name: "deaf",
            scrape_interval: "1s",
            static_configs: [{ targets: ["127.0.0.1:1"] }],
          },
        ],
        rule_files: [`${folder.path}/rules.yml`],
      };
      await writeFile(`${folder.path}/prometheus.yml`, JSON.stringify(config));
      await using prometheus = await startPrometheusWith([
        `--config.file=${folder.path}/prometheus.yml`,
        `--storage.tsdb.path=${folder.path}/data`,
      ]);
      await using remote = await startServer(
        { prometheusUrl: prometheus.url, monitor: false },
        { consoleFolder: await buildConsole() },
      );
      const { page, faults } = await openPage(browser, `${remote.url}/console/#/alerts`);
      await waitForState(findRule(page, "Loud"), "firing");
      await page.getByText("These are the alerts of the Prometheus at").waitFor();
      expect(await page.getByRole("heading", { name: "Silences" }).count()).toBe(0);
      await findRule(page, "Loud").getByRole("button", { name: /Loud/ }).click();
      await findRule(page, "Loud").locator(".alert-spans tbody tr").first().waitFor();
      await page.goto(`${remote.url}/console/#/status`);
      const targets = page.locator('[data-section="targets"]');
      await targets.getByText("connection refused").waitFor();
      expect(await targets.innerText()).toContain("1 target, 1 not up");
      const flags = page.locator('[data-section="flags"]');
      expect(await flags.innerText()).toContain(`--storage.tsdb.path\t${folder.path}/data`);
      expect(faults).toEqual([]);
      await page.close();
    },
  );
});
