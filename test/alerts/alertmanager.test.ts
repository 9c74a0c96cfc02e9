import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { renderRules } from "../../dashboards/rules.ts";
import { createAlerting } from "../../src/alerts/create-alerting.ts";
import { ALERTS_OPTIONS } from "../../src/alerts/options.ts";
import { resolveOptions } from "../../src/config/resolve-options.ts";
import { createLabels } from "../../src/series/labels.ts";
import {
  ALERTS_PATH,
  AlertmanagerNotifier,
} from "../../src/alerts/notify/alertmanager-notifier.ts";
import type { Notification } from "../../src/alerts/notify/notifier.ts";
import { createReceiver } from "../../src/alerts/notify/receiver.ts";
import { WebhookNotifier } from "../../src/alerts/notify/webhook-notifier.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createFolder } from "../support/folders.ts";
import { startAlertmanager, startAlertmanagerWith, startReceiver } from "../support/monitoring.ts";
import { hasProgram } from "../support/programs.ts";
import { until } from "../support/workers.ts";
import { engine } from "./evaluate.ts";
import { createTestStore } from "./store.ts";
import { createTestClock, createTestLog, startJsonReceiver } from "./receiver.ts";

const SILENT = createTestLog();

/** Creates two groups. Alertmanager sorts one of them by job, by instance and by other labels. */
function createNotifications(startsAtMs: number): readonly Notification[] {
  const labels = [
    { alertname: "Down", job: "api", instance: "b:1", severity: "critical" },
    {
      alertname: "Down",
      job: "api",
      instance: "a:1",
      severity: "critical",
      zone: 'quoted "x" \\ ä',
    },
    { alertname: "Down", job: "api", severity: "warning" },
    { alertname: "Down", job: "api", path: "/a", severity: "warning", zone: "x" },
    { alertname: "Down", job: "api", path: "/b", severity: "warning" },
    { alertname: "Lonely", severity: "warning" },
  ];
  return labels.map((one) => ({
    labels: new Map(Object.entries(one)),
    annotations: new Map([
      ["summary", `${one.alertname} <&> ${one.instance ?? "everywhere"}`],
      ["runbook_url", "docs/runbooks/Down.md"],
    ]),
    startsAtMs,
    endsAtMs: startsAtMs + 600_000,
    generatorUrl: "http://host:8000/prometheus/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
  }));
}

interface Body {
  readonly groupKey: string;
  readonly status: string;
}

describe.runIf(hasProgram("prometheus-alertmanager"))("compared with a real Alertmanager", () => {
  it("sends alerts that it accepts, and webhooks receive the same messages from both", async () => {
    await using folder = await createFolder();
    await using receiver = await startJsonReceiver();
    const waits = { group_wait: "1s", group_interval: "1s", repeat_interval: "1h" };
    await using alertmanager = await startAlertmanagerWith(folder.path, {
      route: { receiver: "webhook", group_by: ["alertname", "job"], ...waits },
      receivers: [
        {
          name: "webhook",
          webhook_configs: [{ url: `${receiver.url}/alertmanager`, send_resolved: true }],
        },
      ],
    });
    const toAlertmanager = new AlertmanagerNotifier(
      createReceiver(new URL(alertmanager.url), ALERTS_PATH),
      systemClock,
      SILENT,
    );
    const webhook = new WebhookNotifier(
      createReceiver(new URL(`${receiver.url}/tepal`)),
      {
        format: "alertmanager",
        matchers: [],
        groupBy: ["alertname", "job"],
        groupWaitSeconds: 1,
        groupIntervalSeconds: 1,
        repeatIntervalSeconds: 3_600,
        externalUrl: "http://host:8000/prometheus",
      },
      systemClock,
      SILENT,
    );
    const listBodies = (path: string, status: string): readonly Body[] =>
      receiver.received
        .filter((one) => one.path === path)
        .map(({ body }) => body as Body)
        .filter((body) => body.status === status)
        .toSorted((a, b) => (a.groupKey < b.groupKey ? -1 : 1));
    const compare = async (
      notifications: readonly Notification[],
      status: string,
    ): Promise<void> => {
      for (const notifier of [toAlertmanager, webhook]) notifier.notify(notifications, Date.now());
      await until(() => {
        for (const notifier of [toAlertmanager, webhook]) notifier.tick();
        return (
          [...listBodies("/alertmanager", status), ...listBodies("/tepal", status)].length >= 4
        );
      });
      const ours = listBodies("/tepal", status);
      expect(ours).toHaveLength(2);
      expect(ours).toEqual(
        listBodies("/alertmanager", status).map((body) => ({
          ...body,
          externalURL: "http://host:8000/prometheus",
        })),
      );
    };
    try {
      const firing = createNotifications(Date.now() - 500);
      await compare(firing, "firing");
      await compare(
        firing.map((notification) => ({ ...notification, endsAtMs: Date.now() })),
        "resolved",
      );
      expect(toAlertmanager.counts()).toEqual({
        sent: 2,
        send_failures: 0,
        dropped: 0,
        sending: 0,
      });
    } finally {
      await toAlertmanager.close();
      await webhook.close();
    }
  }, 60_000);
});

describe.runIf(hasProgram("prometheus-alertmanager"))(
  "the default rules with the Alertmanager configuration of deploy/",
  () => {
    it("send ServerDown and its resolution to the critical receiver", async () => {
      await using folder = await createFolder();
      await using receiver = await startReceiver();
      await using alertmanager = await startAlertmanager(
        `${folder.path}/alertmanager`,
        receiver.url,
      );
      for (const [path, text] of renderRules()) {
        const quick = text
          .replaceAll(/^( +)for: \w+$/gm, "$1for: 1s")
          .replaceAll(/^( +)interval: \w+$/gm, "$1interval: 1s");
        await writeFile(`${folder.path}/${path.split("/").at(-1)}`, quick);
      }
      const store = createTestStore();
      const alerting = await createAlerting(
        resolveOptions(ALERTS_OPTIONS, {
          flags: {
            rules: [folder.path],
            rulesInterval: 1,
            alertmanagerUrl: [alertmanager.url],
          },
        }),
        {
          engine,
          reader: store,
          writer: store,
          clock: systemClock,
          log: SILENT,
          serverUrl: "http://host:8000",
        },
      );
      const up = createLabels({ __name__: "up", job: "tepal", instance: "api:8000" });
      const hasReceived = (status: string): boolean =>
        receiver.received.some(
          (one) =>
            one.alertname === "ServerDown" && one.status === status && one.path === "/critical",
        );
      alerting.start();
      store.append("up", Date.now(), [{ labels: up, value: 0 }]);
      await until(() => hasReceived("firing"));
      store.append("up", Date.now(), [{ labels: up, value: 1 }]);
      await until(() => hasReceived("resolved"));
      expect(receiver.received[0]).toMatchObject({
        labels: {
          alertname: "ServerDown",
          job: "tepal",
          instance: "api:8000",
          severity: "critical",
        },
        annotations: {
          summary: "Requests to api:8000 fail: it is down",
          runbook_url: "http://127.0.0.1:8000/runbooks/ServerDown",
          dashboard_url: "http://127.0.0.1:3000/d/tepal-overview?var-job=tepal",
        },
      });
      await alerting.close();
    }, 60_000);
  },
);

describe("the Alertmanager notifier", () => {
  it("sends the latest state of each alert once the Alertmanager is reachable, in batches", async () => {
    await using receiver = await startJsonReceiver();
    const clock = createTestClock();
    const log = createTestLog();
    const notifier = new AlertmanagerNotifier(
      createReceiver(new URL(`${receiver.url}/secret`), ALERTS_PATH),
      clock,
      log,
    );
    const queue = (count: number, endsAtMs: number): void => {
      const [notification] = createNotifications(clock.nowMs());
      const many = Array.from({ length: count }, (_, i) => ({
        ...notification!,
        labels: new Map([
          ["alertname", "Down"],
          ["i", String(i)],
        ]),
        endsAtMs,
      }));
      notifier.notify(many);
    };
    const tick = async (): Promise<void> => {
      notifier.tick();
      await until(() => notifier.counts().sending === 0);
    };
    receiver.state.status = 502;
    queue(100, clock.nowMs() + 1_000);
    await tick();
    await tick();
    expect(receiver.state.requests).toBe(1);
    queue(100, clock.nowMs() + 2_000);
    receiver.state.status = 200;
    clock.advance(1);
    await tick();
    expect(receiver.received.map(({ path, body }) => [path, (body as object[]).length])).toEqual([
      ["/secret/api/v2/alerts", 64],
      ["/secret/api/v2/alerts", 36],
    ]);
    expect(receiver.received[0]?.body).toMatchObject([
      { startsAt: "2026-01-01T00:00:00Z", endsAt: "2026-01-01T00:00:02Z" },
      ...Array.from({ length: 63 }, () => ({})),
    ]);
    expect(notifier.counts()).toMatchObject({ sent: 2, send_failures: 1, dropped: 0 });
    expect(log.lines).toEqual([
      `error Cannot send alerts to the Alertmanager at ${receiver.url} (status 502); retrying`,
      `info The Alertmanager at ${receiver.url} accepts alerts again`,
    ]);
    // A state that changes while a message is in flight is sent too.
    queue(1, clock.nowMs() + 3_000);
    notifier.tick();
    queue(1, clock.nowMs() + 4_000);
    await until(() => notifier.counts().sending === 0);
    expect(receiver.received.slice(2).map(({ body }) => body)).toMatchObject([
      [{ endsAt: "2026-01-01T00:00:04Z" }],
      [{ endsAt: "2026-01-01T00:00:05Z" }],
    ]);
    // Rejected alerts are not sent again. A full queue drops the oldest alert.
    receiver.state.status = 400;
    queue(10, 0);
    await tick();
    await tick();
    expect(notifier.counts()).toMatchObject({ send_failures: 2, dropped: 10 });
    queue(10_001, 0);
    expect(notifier.counts()).toMatchObject({ dropped: 11 });
    await notifier.close();
  });
});
