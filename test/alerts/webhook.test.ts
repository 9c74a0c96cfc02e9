import { describe, expect, it } from "vitest";
import type { Notice } from "../../src/alerts/alerts.ts";
import { createEndpoint } from "../../src/alerts/notify/endpoint.ts";
import { createPayload } from "../../src/alerts/notify/payload.ts";
import { createSlackMessage } from "../../src/alerts/notify/slack.ts";
import { WebhookNotifier, type WebhookOptions } from "../../src/alerts/notify/webhook.ts";
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
  const endpoint = createEndpoint(new URL(`${receiver.url}${path}`));
  const notifier = new WebhookNotifier(endpoint, { ...OPTIONS, ...options }, clock, log);
  const tell = (alertname: string, instance: string, over = false): void => {
    const nowMs = clock.nowMs();
    const notice: Notice = {
      labels: new Map([
        ["alertname", alertname],
        ["instance", instance],
        ["severity", "warning"],
      ]),
      annotations: new Map([["summary", `${instance} is <slow> & late`]]),
      startsAtMs: nowMs,
      endsAtMs: over ? nowMs : nowMs + 600_000,
      generatorUrl: "http://host:8000/prometheus/graph",
    };
    notifier.take([notice], nowMs);
  };
  /** Time passes second by second, and everything is sent that is due meanwhile. */
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
    tell,
    pass,
    shown: () => receiver.received.map(({ body }) => summarise(body)),
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

describe("a webhook", () => {
  it("waits for others of the group, tells of changes after an interval, and repeats", async () => {
    await using webhook = await start();
    const { tell, pass, shown, receiver } = webhook;
    tell("Down", "a");
    await pass(20);
    tell("Down", "b");
    tell("Slow", "a");
    await pass(9);
    expect(shown()).toEqual([]);
    await pass(1);
    expect(shown()).toEqual(["Down firing: a firing, b firing"]);
    await pass(20);
    expect(shown().slice(1)).toEqual(["Slow firing: a firing"]);
    tell("Down", "c");
    await pass(100);
    tell("Down", "a");
    tell("Down", "b");
    tell("Down", "c");
    tell("Slow", "a");
    await pass(175);
    expect(shown()).toHaveLength(2);
    await pass(10);
    expect(shown().slice(2)).toEqual(["Down firing: a firing, b firing, c firing"]);
    expect(receiver.received[0]).toMatchObject({
      path: "/hook/secret",
      headers: { "content-type": "application/json" },
    });
    // Told again by the evaluation, and by the webhook only after the repeat interval.
    for (let passed = 0; passed < 3_720; passed += 60) {
      tell("Down", "a");
      tell("Down", "b");
      tell("Down", "c");
      tell("Slow", "a");
      await pass(60);
    }
    expect(shown().slice(3)).toEqual(["Slow firing: a firing"]);
    await pass(901);
    expect(shown().slice(4)).toEqual([
      "Down firing: a firing, b firing, c firing",
      "Down resolved: a resolved, b resolved, c resolved",
      "Slow resolved: a resolved",
    ]);
  }, 60_000);

  it("tells that it is over, once, and nothing of what began and ended unseen", async () => {
    await using webhook = await start();
    const { tell, pass, shown } = webhook;
    tell("Down", "a");
    tell("Brief", "a");
    await pass(10);
    tell("Brief", "a", true);
    await pass(25);
    expect(shown()).toEqual(["Down firing: a firing"]);
    tell("Down", "a", true);
    tell("Down", "b");
    await pass(300);
    expect(shown().slice(1)).toEqual(["Down firing: a resolved, b firing"]);
    // Those who missed it are told for a while that it is over; here nobody did.
    tell("Down", "a", true);
    tell("Down", "b", true);
    await pass(300);
    expect(shown().slice(2)).toEqual(["Down resolved: b resolved"]);
    tell("Down", "b", true);
    await pass(700);
    expect(shown()).toHaveLength(3);
    tell("Down", "b");
    await pass(30);
    expect(shown().slice(3)).toEqual(["Down firing: b firing"]);
  });

  it("tells that one of a group is over", async () => {
    await using webhook = await start();
    const { tell, pass, shown } = webhook;
    tell("Down", "a");
    tell("Down", "b");
    await pass(30);
    tell("Down", "a", true);
    tell("Down", "b");
    await pass(300);
    expect(shown().slice(1)).toEqual(["Down firing: a resolved, b firing"]);
  });

  it("forgets nothing that comes while a message is on its way", async () => {
    await using webhook = await start();
    const { tell, pass, shown, clock, notifier } = webhook;
    const passWith = async (during: () => void): Promise<void> => {
      clock.advance(300);
      notifier.tick();
      during();
      await until(() => notifier.counts().sending === 0);
    };
    tell("Down", "a");
    await pass(30);
    tell("Down", "a", true);
    await passWith(() => tell("Down", "a"));
    expect(shown().slice(1)).toEqual(["Down resolved: a resolved"]);
    await pass(300);
    expect(shown().slice(2)).toEqual(["Down firing: a firing"]);
    tell("Down", "a", true);
    await passWith(() => tell("Down", "c"));
    tell("Down", "c", true);
    await pass(600);
    expect(shown().slice(3)).toEqual(["Down resolved: a resolved"]);
  });

  it("tells at once of what has fired for longer than it would wait, and takes silence for the end", async () => {
    await using webhook = await start();
    const { notifier, clock, pass, shown } = webhook;
    const labels = new Map([
      ["alertname", "Old"],
      ["instance", "a"],
    ]);
    const startsAtMs = clock.nowMs() - 31_000;
    notifier.take(
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
    expect(shown()).toEqual(["Old firing: a firing"]);
    await pass(301);
    expect(shown().slice(1)).toEqual(["Old resolved: a resolved"]);
  });

  it("tries again with growing pauses, as things are by then, and hides the address", async () => {
    await using webhook = await start();
    const { tell, pass, shown, receiver, log, notifier } = webhook;
    receiver.state.status = 503;
    tell("Down", "a");
    await pass(30);
    expect(receiver.state.asked).toBe(1);
    await pass(1 + 2 + 4);
    expect(receiver.state.asked).toBe(4);
    await pass(7);
    expect(receiver.state.asked).toBe(4);
    tell("Down", "b");
    receiver.state.status = 200;
    await pass(1);
    expect(shown()).toEqual(["Down firing: a firing, b firing"]);
    expect(notifier.counts()).toMatchObject({ sent: 1, send_failures: 4, dropped: 0, sending: 0 });
    expect(log.lines).toEqual([
      `error alerts do not reach the webhook at ${receiver.url}: status 503; it is tried again`,
      `info alerts reach the webhook at ${receiver.url} again`,
    ]);
    expect(log.lines.join("\n")).not.toContain("secret");
    // Pauses begin anew.
    receiver.state.status = 500;
    tell("Down", "c");
    await pass(300);
    const { asked } = receiver.state;
    await pass(1 + 2);
    expect(receiver.state.asked).toBe(asked + 2);
  });

  it("does not insist where it is refused, and says so", async () => {
    await using webhook = await start();
    const { tell, pass, receiver, notifier } = webhook;
    receiver.state.status = 404;
    tell("Down", "a");
    await pass(60);
    expect(receiver.state.asked).toBe(1);
    expect(notifier.counts()).toMatchObject({ sent: 0, send_failures: 1, dropped: 1 });
    await pass(270);
    expect(receiver.state.asked).toBe(2);
  });

  it("comes back soon where it comes too often", async () => {
    await using webhook = await start();
    const { tell, pass, receiver, notifier } = webhook;
    receiver.state.status = 429;
    tell("Down", "a");
    await pass(31);
    expect(receiver.state.asked).toBe(2);
    expect(notifier.counts()).toMatchObject({ send_failures: 2, dropped: 0 });
  });

  it("holds nobody up when the receiver does not answer, and keeps no more than it can", async () => {
    await using webhook = await start({ groupBy: ["..."], groupWaitSeconds: 0 });
    const { tell, pass, receiver, notifier } = webhook;
    receiver.state.status = 0;
    for (let i = 0; i < 10_010; i++) tell("Down", String(i));
    await pass(5);
    expect(notifier.counts()).toMatchObject({ sent: 0, sending: 4, dropped: 10 });
    // What is over makes room.
    tell("Down", "1", true);
    tell("Down", "new");
    tell("Down", "another");
    expect(notifier.counts()).toMatchObject({ dropped: 12 });
  });

  it("tells only of what matches, by all of the labels", async () => {
    const matchers = [createMatcher("severity", "!=", "warning")];
    await using webhook = await start({ matchers, groupWaitSeconds: 0 });
    webhook.tell("Down", "a");
    await webhook.pass(5);
    expect(webhook.shown()).toEqual([]);
  });

  it("writes to Slack what Slack takes", async () => {
    await using webhook = await start({ format: "slack", groupBy: ["alertname", "severity"] });
    webhook.tell("Down", "a");
    webhook.tell("Down", "<!channel>");
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
    webhook.tell("Down", "a", true);
    webhook.tell("Down", "<!channel>", true);
    await webhook.pass(300);
    expect(webhook.receiver.received[1]?.body).toMatchObject({
      text: "[RESOLVED] Down (severity=warning)",
      attachments: [
        { color: "good" },
        { color: "good", title: "Over: a is &lt;slow&gt; &amp; late" },
      ],
    });
  });
});

describe("a message", () => {
  it("has as many alerts as a receiver takes, and says how many are left out", () => {
    const notices = Array.from({ length: 1_003 }, (_, i) => ({
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
    const payload = createPayload(notices, new Map([["alertname", "Down"]]), 5, "");
    expect(payload.alerts.at(-1)?.labels).toEqual({ alertname: "Down", instance: "10999" });
    expect([payload.alerts.length, payload.truncatedAlerts]).toEqual([1_000, 3]);
    const { text, attachments } = createSlackMessage(payload);
    expect([text, attachments.length]).toEqual(["[FIRING: 1000] Down, and 983 more", 20]);
  });
});

describe("an address", () => {
  it("is asked with the name and password in it, which no log has", async () => {
    await using receiver = await startJsonReceiver();
    const address = receiver.url.replace("//", "//me:s%40cret@");
    const endpoint = createEndpoint(new URL(`${address}/base/?token=x`), "/api/v2/alerts");
    expect(endpoint.shown).toBe(receiver.url);
    expect(await endpoint.post("[]")).toEqual({ kind: "taken" });
    expect(receiver.received).toMatchObject([
      {
        path: "/base/api/v2/alerts?token=x",
        headers: { authorization: `Basic ${Buffer.from("me:s@cret").toString("base64")}` },
      },
    ]);
    await endpoint.close();
    const outcome = await endpoint.post("[]");
    expect(outcome.kind).toBe("failed");
    expect(JSON.stringify(outcome)).not.toContain("token");
  });

  it("that does not answer is given up after a while", async () => {
    await using receiver = await startJsonReceiver();
    receiver.state.status = 0;
    const endpoint = createEndpoint(new URL(receiver.url), "", 0.2);
    expect(await endpoint.post("[]")).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("timeout") as string,
    });
    await endpoint.close();
  });
});
