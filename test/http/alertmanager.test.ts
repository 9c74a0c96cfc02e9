import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { createKey, ROLES, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { startJsonReceiver } from "../alerts/receiver.ts";
import { createFolder } from "../support/folders.ts";
import { startAlertmanager, startReceiver } from "../support/monitoring.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/workers.ts";

const SILENCES = "/alertmanager/api/v2/silences";

/** Returns a silence as a client sends it. */
function toBody(alertname: string, seconds = 3_600): object {
  return {
    matchers: [{ name: "alertname", value: alertname, isRegex: false, isEqual: true }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + seconds * 1_000).toISOString(),
    createdBy: "ann",
    comment: "Planned work",
  };
}

/** Writes a file with alerts that fire at once. @returns the options of a server that evaluates them */
async function writeRules(folder: string, ...names: readonly string[]): Promise<object> {
  const rules = names.map((alert) => ({
    alert,
    expr: "vector(1)",
    labels: { severity: "warning" },
    annotations: { summary: `${alert} fires` },
  }));
  const file = `${folder}/rules.yml`;
  await writeFile(file, JSON.stringify({ groups: [{ name: "a", rules }] }));
  return {
    monitor: true,
    scrapeInterval: 0.5,
    rules: [file],
    rulesInterval: 0.2,
    alertGroupWait: 0,
    alertGroupInterval: 1,
    alertRepeatInterval: 1,
  };
}

describe("silences of a server", () => {
  it("mark alerts and stop their notifications, survive a restart, and end", async () => {
    await using folder = await createFolder();
    await using receiver = await startReceiver();
    const options = {
      ...(await writeRules(folder.path, "Loud", "Quiet")),
      dataDir: `${folder.path}/data`,
      alertWebhook: [`${receiver.url}/hook`],
      externalLabel: ["site=berlin"],
    };
    const count = (name: string): number =>
      receiver.received.filter(({ alertname }) => alertname === name).length;
    const listAlerts = async (server: TestServer): Promise<unknown> => {
      const { json } = await server.get("/prometheus/api/v1/alerts");
      return json.data?.alerts.map((one: Readonly<Record<string, unknown>>) => [
        (one["labels"] as Record<string, string>)["alertname"],
        one["silencedBy"],
      ]);
    };
    let id = "";
    {
      await using server = await startServer(options);
      await until(async () => count("Quiet") > 0 && count("Loud") > 0);
      const made = await server.post(SILENCES, {
        ...toBody("Quiet"),
        // Notifications have it, the alert of the rule does not.
        matchers: [
          { name: "alertname", value: "Qui.+", isRegex: true, isEqual: true },
          { name: "site", value: "berlin", isRegex: false, isEqual: true },
        ],
      });
      expect(made.status).toBe(200);
      id = made.json.silenceID;
      expect(await listAlerts(server)).toEqual([
        ["Loud", undefined],
        ["Quiet", [id]],
      ]);
      // A message that was on its way has arrived with the next one of the other alert.
      const sent = count("Loud");
      await until(async () => count("Loud") > sent);
      const before = [count("Loud"), count("Quiet")] as const;
      await until(async () => count("Loud") > before[0] + 1);
      expect(count("Quiet")).toBe(before[1]);
      const { json: alerts } = await server.get(
        "/alertmanager/api/v2/alerts?silenced=true&active=false",
      );
      expect(alerts).toMatchObject([
        {
          labels: { alertname: "Quiet", site: "berlin", severity: "warning" },
          annotations: { summary: "Quiet fires" },
          status: { state: "suppressed", silencedBy: [id], inhibitedBy: [] },
        },
      ]);
    }
    await using server = await startServer(options);
    await until(async () => JSON.stringify(await listAlerts(server))?.includes(id) === true);
    const restarted = [count("Loud"), count("Quiet")] as const;
    await until(async () => count("Loud") > restarted[0] + 1);
    expect(count("Quiet")).toBe(restarted[1]);
    const removed = await server.send(`/alertmanager/api/v2/silence/${id}`, { method: "DELETE" });
    expect(removed.status).toBe(200);
    await until(async () => count("Quiet") > restarted[1]);
    expect((await server.get(SILENCES)).json).toMatchObject([{ id, status: { state: "expired" } }]);
    // One that ends by itself.
    const short = await server.post(SILENCES, toBody("Quiet", 2));
    await until(async () => {
      const { json } = await server.get(`/alertmanager/api/v2/silence/${short.json.silenceID}`);
      return json.status.state === "expired";
    });
    const ended = count("Quiet");
    await until(async () => count("Quiet") > ended);
  });

  it("reject what is invalid with a string, as Alertmanager does", async () => {
    await using server = await startServer({ monitor: true, persist: false });
    await until(async () => (await server.get(SILENCES)).status === 200);
    const invalid = await server.post(SILENCES, { ...toBody("A"), comment: "", matchers: [] });
    expect([invalid.status, invalid.json]).toEqual([
      400,
      expect.stringContaining("2 invalid fields:"),
    ]);
    const filter = await server.get(`${SILENCES}?filter=%7B`);
    expect([filter.status, filter.json]).toEqual([
      400,
      expect.stringContaining("Expected a filter"),
    ]);
    for (const [method, path] of [
      ["GET", "silence/none"],
      ["DELETE", "silence/none"],
      ["GET", "nothing"],
      ["POST", "alerts"],
    ] as const) {
      const reply = await server.send(`/alertmanager/api/v2/${path}`, { method });
      expect([path, reply.status, typeof reply.json]).toEqual([path, 404, "string"]);
    }
    const headers = { "content-type": "application/json", origin: "https://evil.example" };
    const foreign = await server.send(SILENCES, {
      method: "POST",
      headers,
      body: JSON.stringify(toBody("A")),
    });
    expect([foreign.status, foreign.json.code]).toEqual([403, "FOREIGN_REQUEST"]);
    expect((await server.get(SILENCES)).json).toEqual([]);
  });

  it.runIf(hasProgram("amtool"))("work with amtool", async () => {
    await using server = await startServer({ monitor: true, persist: false });
    await until(async () => (await server.get(SILENCES)).status === 200);
    const amtool = async (...words: readonly string[]): Promise<string> => {
      const url = `--alertmanager.url=${server.url}/alertmanager`;
      const all = [...words, url];
      return (await promisify(execFile)("amtool", all)).stdout.trim();
    };
    const matchers = ["alertname=Down", "team=~iris|wine"];
    const text = ["-d", "1h", "-a", "ann", "-c", "Planned work"];
    const id = await amtool("silence", "add", ...matchers, ...text);
    expect((await server.get(SILENCES)).json).toMatchObject([
      {
        id,
        status: { state: "active" },
        createdBy: "ann",
        comment: "Planned work",
        matchers: [
          { name: "alertname", value: "Down", isRegex: false, isEqual: true },
          { name: "team", value: "iris|wine", isRegex: true, isEqual: true },
        ],
      },
    ]);
    expect(await amtool("silence", "query", "-q", "alertname=Down")).toBe(id);
    expect(await amtool("silence", "query", "-q", "alertname=Up")).toBe("");
    expect(await amtool("silence", "query", "-q", 'alertname=~"D.*"', "team!=wine")).toBe(id);
    await amtool("silence", "update", id, "-c", "Longer work", "-d", "2h");
    await amtool("silence", "expire", id);
    expect(await amtool("silence", "query", "-q")).toBe("");
    expect((await server.get(SILENCES)).json).toMatchObject([
      { id, comment: "Longer work", status: { state: "expired" } },
    ]);
    await expect(amtool("silence", "expire", "none")).rejects.toThrow("404");
  });
});

describe("access to silences and receivers", () => {
  const texts: Record<string, string> = {};
  const resources = new AsyncDisposableStack();
  let server: TestServer;
  beforeAll(async () => {
    const folder = resources.use(await createFolder());
    const file = `${folder.path}/keys.json`;
    const keys = ROLES.map((role) => createKey(role, role, "2026-01-01"));
    for (const [i, role] of ROLES.entries()) texts[role] = keys[i]!.text;
    await writeKeysFile(
      file,
      keys.map(({ stored }) => stored),
    );
    server = resources.use(await startServer({ monitor: true, persist: false, apiKeysFile: file }));
    const headers = { authorization: `Bearer ${texts["admin"]}` };
    await until(async () => (await server.send(SILENCES, { headers })).status === 200);
  });
  afterAll(() => resources.disposeAsync());

  it.each([
    ["GET", SILENCES, { predict: 403, metrics: 200, load: 200, admin: 200 }],
    ["POST", SILENCES, { predict: 403, metrics: 403, load: 403, admin: 200 }],
    [
      "DELETE",
      "/alertmanager/api/v2/silence/none",
      { predict: 403, metrics: 403, load: 403, admin: 404 },
    ],
    ["GET", "/admin/receivers", { predict: 403, metrics: 200, load: 200, admin: 200 }],
    ["POST", "/admin/receivers/none/test", { predict: 403, metrics: 403, load: 403, admin: 404 }],
  ])("depends on the role: %s %s", async (method, path, byRole) => {
    expect((await server.send(path, { method })).status).toBe(401);
    for (const [role, status] of Object.entries(byRole)) {
      const headers = {
        authorization: `Bearer ${texts[role]}`,
        ...(method === "POST" && { "content-type": "application/json" }),
      };
      const body = method === "POST" ? JSON.stringify(toBody("A")) : null;
      expect([role, (await server.send(path, { method, headers, body })).status]).toEqual([
        role,
        status,
      ]);
    }
  });

  it("is denied without keys on a server that other machines may reach", async () => {
    for (const { via, ...options } of [
      { host: "0.0.0.0" },
      { externalUrl: "https://models.example" },
      { trustProxy: ["127.0.0.1"] },
      { via: "1.1 proxy" },
    ] as readonly (Partial<Config> & { readonly via?: string })[]) {
      await using open = await startServer({ monitor: true, persist: false, ...options });
      const local = open.url.replace("0.0.0.0", "127.0.0.1");
      const reply = await fetch(`${local}${SILENCES}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...(via !== undefined && { via }) },
        body: JSON.stringify(toBody("A")),
      });
      expect(await reply.json()).toMatchObject({ status: 403, code: "FORBIDDEN" });
    }
  });
});

describe("a test notification", () => {
  const findId = (server: TestServer) => async (): Promise<string> => {
    let id: string | undefined;
    await until(async () => {
      const { status, json } = await server.get("/admin/receivers");
      id = status === 200 ? json.receivers[0]?.id : undefined;
      return id !== undefined;
    });
    return id!;
  };

  it.each(["alertmanager", "slack"] as const)(
    "arrives at a webhook (%s), past matchers and silences, and returns its reply",
    async (format) => {
      await using receiver = await startJsonReceiver();
      await using server = await startServer({
        monitor: true,
        persist: false,
        alertWebhook: [`${receiver.url}/s3cret`],
        alertWebhookFormat: format,
        alertWebhookMatch: ['severity="critical"'],
        externalLabel: ["site=berlin"],
      });
      const id = await findId(server)();
      await server.post(SILENCES, toBody("TestNotification"));
      const before = await server.get("/admin/receivers");
      expect(before.json.receivers).toEqual([
        {
          id,
          kind: "webhook",
          format,
          origin: receiver.url,
          alerts: 0,
          sent: 0,
          send_failures: 0,
          dropped: 0,
          sending: 0,
          last_delivery: null,
        },
      ]);
      const report = await server.post(`/admin/receivers/${id}/test`, {});
      expect([report.status, report.json]).toEqual([
        200,
        { accepted: true, status: 200, error: null, reply: "" },
      ]);
      expect(receiver.received).toHaveLength(1);
      const text = JSON.stringify(receiver.received[0]?.body);
      expect(text).toContain("TEST: a test notification of Tepal. There is nothing to do.");
      expect(text).toContain("TestNotification");
      if (format === "alertmanager") {
        expect(receiver.received[0]).toMatchObject({
          path: "/s3cret",
          body: { status: "firing", alerts: [{ labels: { site: "berlin", severity: "warning" } }] },
        });
      }
      const again = await server.post(`/admin/receivers/${id}/test`, {});
      expect([again.status, again.json.code]).toEqual([429, "TOO_MANY_REQUESTS"]);
      expect(receiver.received).toHaveLength(1);
    },
  );

  it("reports the error of a receiver, without its secret URL", async () => {
    await using receiver = await startJsonReceiver();
    receiver.state.status = 418;
    const options = { monitor: true, persist: false };
    await using server = await startServer({
      ...options,
      alertWebhook: [`${receiver.url}/s3cret`],
    });
    const rejected = await server.post(`/admin/receivers/${await findId(server)()}/test`, {});
    expect(rejected.json).toEqual({
      accepted: false,
      status: 418,
      error: "status 418",
      reply: "",
    });
    await using deaf = await startServer({
      ...options,
      alertWebhook: ["http://127.0.0.1:1/s3cret"],
    });
    const failed = await deaf.post(`/admin/receivers/${await findId(deaf)()}/test`, {});
    expect(failed.json).toMatchObject({ accepted: false, status: null });
    expect(failed.json.error).toContain("ECONNREFUSED");
    expect(failed.text).not.toContain("s3cret");
  });

  it.runIf(hasProgram("prometheus-alertmanager"))("reaches a real Alertmanager", async () => {
    await using folder = await createFolder();
    await using receiver = await startReceiver();
    await mkdir(`${folder.path}/alertmanager`, { recursive: true });
    await using alertmanager = await startAlertmanager(folder.path, receiver.url);
    await using server = await startServer({
      monitor: true,
      persist: false,
      alertmanagerUrl: [alertmanager.url],
    });
    const report = await server.post(`/admin/receivers/${await findId(server)()}/test`, {});
    expect(report.json).toMatchObject({ accepted: true, status: 200 });
    await until(async () =>
      receiver.received.some(
        ({ alertname, path }) => alertname === "TestNotification" && path === "/warning",
      ),
    );
    const { json } = await server.get("/admin/receivers");
    expect(json.receivers).toMatchObject([{ kind: "alertmanager", origin: alertmanager.url }]);
  });
});
