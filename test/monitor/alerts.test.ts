import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { runCli, startCli } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { copyIris } from "../support/models.ts";
import { startReceiver } from "../support/monitoring.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/workers.ts";
import { watchThreads } from "../support/threads.ts";

const RULES = fileURLToPath(new URL("../../deploy/prometheus/rules", import.meta.url));
const API = "/prometheus/api/v1";

/** Writes a rule file with one alert. */
function writeRule(file: string, expr: string): Promise<void> {
  return writeFile(
    file,
    JSON.stringify({ groups: [{ name: "a", rules: [{ alert: "A", expr }] }] }),
  );
}

describe("alerts of the built-in monitor", () => {
  it("notify a webhook that there is no model, and that it is loaded", async () => {
    await using folder = await createFolder();
    await using receiver = await startReceiver();
    const rules = `${folder.path}/rules`;
    await mkdir(rules);
    const model = await readFile(`${RULES}/model.yml`, "utf8");
    await writeFile(`${rules}/model.yml`, model.replaceAll(/for: \w+/g, "for: 1s"));
    const options = {
      monitor: true,
      persist: false,
      scrapeInterval: 0.5,
      rules: [rules],
      rulesInterval: 0.5,
      alertWebhook: [`${receiver.url}/hook`],
      alertGroupWait: 0,
      alertGroupInterval: 1,
      externalLabel: ["site=berlin", "severity=own labels win"],
    };
    await using server = await startServer(options, { prepare: (models) => mkdir(models) });
    const find = (status: string) =>
      receiver.received.find((one) => one.alertname === "ModelNotLoaded" && one.status === status);
    const listStates = async (): Promise<string | undefined> => {
      const { status, json } = await server.get(`${API}/alerts`);
      if (status !== 200) return undefined;
      return json.data.alerts.map(({ state }: { readonly state: string }) => state).join();
    };
    await until(async () => find("firing") !== undefined);
    expect(find("firing")).toMatchObject({
      path: "/hook",
      labels: {
        severity: "critical",
        job: "tepal",
        instance: new URL(server.url).host,
        site: "berlin",
      },
    });
    await until(async () => (await listStates()) === "firing");
    const series = `${API}/series?match[]=ALERTS`;
    await until(async () => {
      const { data } = (await server.get(series)).json;
      return data.some(
        ({ alertstate }: { readonly alertstate: string }) => alertstate === "firing",
      );
    });
    await copyIris(server.models);
    await server.server.reload();
    await until(async () => find("resolved") !== undefined);
    await until(async () => (await listStates()) === "");
  });

  it("are those of the default rules, by default", async () => {
    await using server = await startServer({ monitor: true, persist: false });
    const listGroups = async () => (await server.get(`${API}/rules?type=alert`)).json.data.groups;
    const names = (await listGroups())
      .flatMap(({ rules }: { readonly rules: readonly { readonly name: string }[] }) => rules)
      .map(({ name }: { readonly name: string }) => name);
    expect(names).toContain("ModelNotLoaded");
    expect(names).toContain("AvailabilityBudgetBurn");
  });

  it("keep the old rules after an invalid reload, and return after a restart of the thread once the files are fixed", async () => {
    await using folder = await createFolder();
    const rules = `${folder.path}/rules.yml`;
    const write = (expr: string): Promise<void> => writeRule(rules, expr);
    await write("up");
    const output = new PassThrough({ encoding: "utf8" });
    let log = "";
    output.on("data", (chunk: string) => (log += chunk));
    using watch = watchThreads("monitor");
    await using server = await startServer(
      { monitor: true, persist: false, rules: [rules] },
      { logger: pino(output) },
    );
    const listQueries = async (): Promise<readonly string[] | undefined> => {
      const { status, json } = await server.get(`${API}/rules`);
      if (status !== 200) return undefined;
      return json.data.groups.map(
        (group: { readonly rules: readonly { readonly query: string }[] }) => group.rules[0]?.query,
      );
    };
    const becomes = (...queries: readonly string[]): Promise<void> =>
      until(async () => (await listQueries())?.join() === queries.join());
    await becomes("up");
    await write("sum(");
    const { problems } = await server.server.reload();
    expect(problems).toEqual([
      { part: "rules", message: expect.stringContaining("Invalid rule files, 1 problem") },
    ]);
    expect(log).toContain(
      "Alerting keeps the earlier rules or receivers: Invalid rule files, 1 problem",
    );
    expect(await listQueries()).toEqual(["up"]);
    await watch.threads[0]?.terminate();
    await until(() => log.includes("Alerting is disabled: Invalid rule files, 1 problem"));
    await becomes();
    await write("down");
    expect((await server.server.reload()).problems).toEqual([]);
    await becomes("down");
  });

  it("are read again even if the reload of models fails", async () => {
    await using folder = await createFolder();
    const rules = `${folder.path}/rules.yml`;
    const write = (expr: string): Promise<void> => writeRule(rules, expr);
    await write("up");
    await using server = await startServer({ monitor: true, persist: false, rules: [rules] });
    const find = async (query: string): Promise<boolean> =>
      (await server.get(`${API}/rules`)).text.includes(`"query":"${query}"`);
    await until(() => find("up"));
    await rm(server.models, { recursive: true });
    await writeFile(server.models, "no folder");
    await write("down");
    const { problems } = await server.server.reload();
    expect(problems).toMatchObject([{ part: "models" }]);
    expect(await find("down")).toBe(true);
  });
});

describe("a server with invalid alerts", () => {
  it("does not start, and reports file, line and advice", async () => {
    await using folder = await createFolder();
    const rules = `${folder.path}/rules.yml`;
    await writeFile(rules, "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: sum(\n");
    const problem = `${rules}:5, group "a", rule 1 "A", expr: Could not parse expression: 1:5: parse error`;
    for (const more of [[], ["--workers", "2"]]) {
      const words = ["serve", "--monitor", "--port", "0", "--rules", rules, ...more];
      const { code, stdout, stderr } = await runCli(words, folder.path);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(`tepal: Invalid rule files, 1 problem:\n  ${problem}`);
      expect(stderr).toMatch(/\nFix the files, or name others with --rules\.\n$/);
    }
    const missing = await runCli(["serve", "--monitor", "--rules", "none/*.yml"], folder.path);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("none/*.yml: Expected a file");
  });

  it("does not start with an invalid URL, matcher or file, and names the option", async () => {
    await using folder = await createFolder();
    const start = (words: readonly string[], variables = {}) =>
      startCli(["serve", "--monitor", "--port", "0", ...words], folder.path, variables).ended;
    const variable = await start([], { TEPAL_ALERT_WEBHOOK: "https//hooks.example/s3cret" });
    expect(variable.code).toBe(2);
    expect(variable.stderr).toMatch(/^tepal: Invalid option TEPAL_ALERT_WEBHOOK: Expected a URL/);
    expect(variable.stderr).not.toContain("s3cret");
    const matcher = await start(["--alert-webhook-match", "severity"]);
    expect(matcher.code).toBe(2);
    expect(matcher.stderr).toMatch(
      /^tepal: Invalid option --alert-webhook-match: Expected a list of matchers/,
    );
    const file = await start(["--alert-webhook-file", "none"]);
    expect(file.code).toBe(2);
    expect(file.stderr).toMatch(
      /^tepal: Invalid option --alert-webhook-file none: Cannot read the file/,
    );
  });

  it("starts without the monitor, which alone reads the files", async () => {
    await using _ = await startServer({ rules: ["/none"], alertWebhookFile: "/none" });
    await expect(startServer({ monitor: true, rules: ["/none"] })).rejects.toMatchObject({
      code: "INVALID_RULES",
      problems: [{ at: "/none" }],
    });
  });
});
