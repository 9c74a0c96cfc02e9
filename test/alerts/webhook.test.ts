import { describe, expect, it } from "vitest";
import type { Notification } from "../../src/alerts/notify/notifier.ts";
import { createPayload } from "../../src/alerts/notify/payload.ts";
import { createReceiver } from "../../src/alerts/notify/receiver.ts";
import { createSlackMessage } from "../../src/alerts/notify/slack-message.ts";
import { WebhookNotifier, type WebhookOptions } from "../../src/alerts/notify/webhook-notifier.ts";
import { createMatcher } from "../../src/series/matcher.ts";
import { until } from "../support/workers.ts";
import { createTestClock, createTestLog, startJsonReceiver } from "./receiver.ts";

const OPTIONS: WebhookOptions = {
  format: "alertmanager",
  matchers: [],
  groupBy: ["alertname"],
  groupWaitSeconds: 30,
  groupIntervalSeconds: 300,
  repeatIntervalSeconds: 3_600,
  externalUrl: "http://host:8000/prometheus",
};

async function start(options: Partial<WebhookOptions> = {}, path = "/hook/secret") {
  const receiver = await startJsonReceiver();
  const clock = createTestClock();
  const log = createTestLog();
  const target = createReceiver(new URL(`${receiver.url}${path}`));
  const notifier = new WebhookNotifier(target, { ...OPTIONS, ...options }, clock, log);
  const notify = (alertname: string, instance: string, resolved = false): void => {
    const nowMs = clock.nowMs();
    const notification: Notification = {
      labels: new Map([
        ["alertname", alertname],
        ["instance", instance],
        ["severity", "warning"],
      ]),
      annotations: new Map([["summary", `${instance} is <slow> & late`]]),
      startsAtMs: nowMs,
      endsAtMs: resolved ? nowMs : nowMs + 600_000,
      generatorUrl: "http://host:8000/prometheus/graph",
    };
    notifier.notify([notification], nowMs);
  };
  /** Advances the clock second by second, and sends the messages that are due. */
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1);
      notifier.tick();
      if (receiver.state.status !== 0) await until(() => notifier.counts().sending === 0);
    }
  };
  return {
    receiver,
    clock,
    log,
    notifier,
    notify,
    pass,
    messages: () => receiver.received.map(({ body }) => summarise(body)),
    async [Symbol.asyncDispose]() {
      await notifier.close();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

interface Message {
  readonly status: string;
  readonly groupLabels: { readonly alertname: string };
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: { readonly instance: string };
  }[];
}

function summarise(body: unknown): string {
  const { status, groupLabels, alerts } = body as Message;
  const each = alerts.map((alert) => `${alert.labels.instance} ${alert.status}`);
  return `${groupLabels.alertname} ${status}: ${each.join(", ")}`;
}

describe("the webhook notifier", () => {
  it("waits for more alerts of the group, sends changes after an interval, and repeats", async () => {
    await using webhook = await start();
    const { notify, pass, messages, receiver } = webhook;
    notify("Down", "a");
    await pass(20);
    notify("Down", "b");
    notify("Slow", "a");
    await pass(9);
    expect(messages()).toEqual([]);
    await pass(1);
    expect(messages()).toEqual(["Down firing: a firing, b firing"]);
    await pass(20);
    expect(messages().slice(1)).toEqual(["Slow firing: a firing"]);
    notify("Down", "c");
    await pass(100);
    notify("Down", "a");
    notify("Down", "b");
    notify("Down", "c");
    notify("Slow", "a");
    await pass(175);
    expect(messages()).toHaveLength(2);
    await pass(10);
    expect(messages().slice(2)).toEqual(["Down firing: a firing, b firing, c firing"]);
    expect(receiver.received[0]).toMatchObject({
      path: "/hook/secret",
      headers: { "content-type": "application/json" },
    });
    // The evaluator notifies again each minute; a message follows only after the repeat interval.
    for (let passed = 0; passed < 3_720; passed += 60) {
      notify("Down", "a");
      notify("Down", "b");
      notify("Down", "c");
      notify("Slow", "a");
      await pass(60);
    }
    expect(messages().slice(3)).toEqual(["Slow firing: a firing"]);
    await pass(901);
    expect(messages().slice(4)).toEqual([
      "Down firing: a firing, b firing, c firing",
      "Down resolved: a resolved, b resolved, c resolved",
      "Slow resolved: a resolved",
    ]);
  }, 60_000);

  it("sends nothing about silenced alerts, and the others of their group", async () => {
    const silenced = new Set<string>();
    await using webhook = await start({
      isSilenced: (labels) => silenced.has(labels.get("instance") ?? ""),
    });
    const { notify, pass, messages } = webhook;
    silenced.add("a").add("c");
    notify("Down", "a");
    notify("Down", "b");
    notify("Slow", "c");
    await pass(30);
    expect(messages()).toEqual(["Down firing: b firing"]);
    // The end of a silence is a change of the group.
    silenced.clear();
    await pass(300);
    expect(messages().slice(1)).toEqual([
      "Down firing: a firing, b firing",
      "Slow firing: c firing",
    ]);
    // As in Alertmanager: an alert that ends while it is silenced is not reported as resolved.
    silenced.add("a").add("c");
    notify("Slow", "c", true);
    notify("Down", "a", true);
    notify("Down", "b");
    await pass(300);
    expect(messages().slice(3)).toEqual([]);
    silenced.clear();
    notify("Down", "b", true);
    await pass(300);
    expect(messages().slice(3)).toEqual(["Down resolved: b resolved"]);
  });

  it("reports a resolved alert once, and never one that started and ended between messages", async () => {
    await using webhook = await start();
    const { notify, pass, messages } = webhook;
    notify("Down", "a");
    notify("Brief", "a");
    await pass(10);
    notify("Brief", "a", true);
    await pass(25);
    expect(messages()).toEqual(["Down firing: a firing"]);
    notify("Down", "a", true);
    notify("Down", "b");
    await pass(300);
    expect(messages().slice(1)).toEqual(["Down firing: a resolved, b firing"]);
    // The evaluator repeats resolved alerts for a while; they have been reported already.
    notify("Down", "a", true);
    notify("Down", "b", true);
    await pass(300);
    expect(messages().slice(2)).toEqual(["Down resolved: b resolved"]);
    notify("Down", "b", true);
    await pass(700);
    expect(messages()).toHaveLength(3);
    notify("Down", "b");
    await pass(30);
    expect(messages().slice(3)).toEqual(["Down firing: b firing"]);
  });

  it("reports that one alert of a group is resolved", async () => {
    await using webhook = await start();
    const { notify, pass, messages } = webhook;
    notify("Down", "a");
    notify("Down", "b");
    await pass(30);
    notify("Down", "a", true);
    notify("Down", "b");
    await pass(300);
    expect(messages().slice(1)).toEqual(["Down firing: a resolved, b firing"]);
  });

  it("keeps notifications that arrive while a message is in flight", async () => {
    await using webhook = await start();
    const { notify, pass, messages, clock, notifier } = webhook;
    const passWith = async (during: () => void): Promise<void> => {
      clock.advance(300);
      notifier.tick();
      during();
      await until(() => notifier.counts().sending === 0);
    };
    notify("Down", "a");
    await pass(30);
    notify("Down", "a", true);
    await passWith(() => notify("Down", "a"));
    expect(messages().slice(1)).toEqual(["Down resolved: a resolved"]);
    await pass(300);
    expect(messages().slice(2)).toEqual(["Down firing: a firing"]);
    notify("Down", "a", true);
    await passWith(() => notify("Down", "c"));
    notify("Down", "c", true);
    await pass(600);
    expect(messages().slice(3)).toEqual(["Down resolved: a resolved"]);
  });

  it("sends at once an alert older than the group wait, and resolves it without further notifications", async () => {
    await using webhook = await start();
    const { notifier, clock, pass, messages } = webhook;
    const labels = new Map([
      ["alertname", "Old"],
      ["instance", "a"],
    ]);
    const startsAtMs = clock.nowMs() - 31_000;
    notifier.notify(
      [
        {
          labels,
          annotations: new Map(),
          startsAtMs,
          endsAtMs: clock.nowMs() + 240_000,
          generatorUrl: "",
        },
      ],
      clock.nowMs(),
    );
    await pass(1);
    expect(messages()).toEqual(["Old firing: a firing"]);
    await pass(301);
    expect(messages().slice(1)).toEqual(["Old resolved: a resolved"]);
  });

  it("retries with back-off and the current state, and hides the URL's path", async () => {
    await using webhook = await start();
    const { notify, pass, messages, receiver, log, notifier } = webhook;
    receiver.state.status = 503;
    notify("Down", "a");
    await pass(30);
    expect(receiver.state.requests).toBe(1);
    await pass(1 + 2 + 4);
    expect(receiver.state.requests).toBe(4);
    await pass(7);
    expect(receiver.state.requests).toBe(4);
    notify("Down", "b");
    receiver.state.status = 200;
    await pass(1);
    expect(messages()).toEqual(["Down firing: a firing, b firing"]);
    expect(notifier.counts()).toMatchObject({ sent: 1, send_failures: 4, dropped: 0, sending: 0 });
    expect(log.lines).toEqual([
      `error Cannot send alerts to the webhook at ${receiver.url} (status 503); retrying`,
      `info The webhook at ${receiver.url} accepts alerts again`,
    ]);
    expect(log.lines.join("\n")).not.toContain("secret");
    // Back-off starts again at 1 s.
    receiver.state.status = 500;
    notify("Down", "c");
    await pass(300);
    const { requests } = receiver.state;
    await pass(1 + 2);
    expect(receiver.state.requests).toBe(requests + 2);
  });

  it("does not retry a rejected message, and counts it as dropped", async () => {
    await using webhook = await start();
    const { notify, pass, receiver, notifier } = webhook;
    receiver.state.status = 404;
    notify("Down", "a");
    await pass(60);
    expect(receiver.state.requests).toBe(1);
    expect(notifier.counts()).toMatchObject({ sent: 0, send_failures: 1, dropped: 1 });
    await pass(270);
    expect(receiver.state.requests).toBe(2);
  });

  it("retries soon after status 429", async () => {
    await using webhook = await start();
    const { notify, pass, receiver, notifier } = webhook;
    receiver.state.status = 429;
    notify("Down", "a");
    await pass(31);
    expect(receiver.state.requests).toBe(2);
    expect(notifier.counts()).toMatchObject({ send_failures: 2, dropped: 0 });
  });

  it("never waits for a receiver that does not reply, and bounds its queue", async () => {
    await using webhook = await start({ groupBy: ["..."], groupWaitSeconds: 0 });
    const { notify, pass, receiver, notifier } = webhook;
    receiver.state.status = 0;
    for (let i = 0; i < 10_010; i++) notify("Down", String(i));
    await pass(5);
    expect(notifier.counts()).toMatchObject({ sent: 0, sending: 4, dropped: 10 });
    // A resolved alert is dropped first.
    notify("Down", "1", true);
    notify("Down", "new");
    notify("Down", "another");
    expect(notifier.counts()).toMatchObject({ dropped: 12 });
  });

  it("sends only alerts that match all matchers", async () => {
    const matchers = [createMatcher("severity", "!=", "warning")];
    await using webhook = await start({ matchers, groupWaitSeconds: 0 });
    webhook.notify("Down", "a");
    await webhook.pass(5);
    expect(webhook.messages()).toEqual([]);
  });

  it("sends messages in the format of Slack", async () => {
    await using webhook = await start({ format: "slack", groupBy: ["alertname", "severity"] });
    webhook.notify("Down", "a");
    webhook.notify("Down", "<!channel>");
    await webhook.pass(30);
    expect(webhook.receiver.received.map(({ body }) => body)).toEqual([
      {
        text: "[FIRING: 2] Down (severity=warning)",
        attachments: ["&lt;!channel&gt;", "a"].map((instance) => ({
          color: "warning",
          title: `${instance} is &lt;slow&gt; &amp; late`,
          text: "",
          fallback: `${instance} is &lt;slow&gt; &amp; late`,
        })),
      },
    ]);
    webhook.notify("Down", "a", true);
    webhook.notify("Down", "<!channel>", true);
    await webhook.pass(300);
    expect(webhook.receiver.received[1]?.body).toMatchObject({
      text: "[RESOLVED] Down (severity=warning)",
      attachments: [
        { color: "good" },
        { color: "good", title: "Resolved: a is &lt;slow&gt; &amp; late" },
      ],
    });
  });
});

describe("a message", () => {
  it("has a maximum number of alerts, and the number of omitted ones", () => {
    const notifications = Array.from({ length: 1_003 }, (_, i) => ({
      labels: new Map([
        ["alertname", "Down"],
        ["instance", String(10_000 + i)],
      ]),
      annotations: new Map<string, string>(),
      startsAtMs: 0,
      endsAtMs: 10,
      generatorUrl: "",
      fingerprint: String(i),
    }));
    const payload = createPayload(notifications, new Map([["alertname", "Down"]]), 5, "");
    expect(payload.alerts.at(-1)?.labels).toEqual({ alertname: "Down", instance: "10999" });
    expect([payload.alerts.length, payload.truncatedAlerts]).toEqual([1_000, 3]);
    const { text, attachments } = createSlackMessage(payload);
    expect([text, attachments.length]).toEqual(["[FIRING: 1000] Down, and 983 more", 20]);
  });
});

describe("a receiver", () => {
  it("gets the credentials of its URL, which no log shows", async () => {
    await using receiver = await startJsonReceiver();
    const url = receiver.url.replace("//", "//me:s%40cret@");
    const target = createReceiver(new URL(`${url}/base/?token=x`), "/api/v2/alerts");
    expect(target.origin).toBe(receiver.url);
    expect(await target.post("[]")).toEqual({ kind: "accepted", status: 200, body: "" });
    expect(receiver.received).toMatchObject([
      {
        path: "/base/api/v2/alerts?token=x",
        headers: { authorization: `Basic ${Buffer.from("me:s@cret").toString("base64")}` },
      },
    ]);
    await target.close();
    const outcome = await target.post("[]");
    expect(outcome.kind).toBe("failed");
    expect(JSON.stringify(outcome)).not.toContain("token");
  });

  it("that does not reply fails after the timeout", async () => {
    await using receiver = await startJsonReceiver();
    receiver.state.status = 0;
    const target = createReceiver(new URL(receiver.url), "", 0.2);
    expect(await target.post("[]")).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("timeout") as string,
    });
    await target.close();
  });
});
