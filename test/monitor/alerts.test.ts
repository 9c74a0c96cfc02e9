import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { createFolder } from "../support/folders.ts";
import { startReceiver } from "../support/monitoring.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/workers.ts";

vi.setConfig({ testTimeout: 60_000 });

const RULES = fileURLToPath(new URL("../../deploy/prometheus/rules", import.meta.url));
const API = "/prometheus/api/v1";

describe("alerts of the monitor built in", () => {
  it("tell a webhook that the model is gone", async () => {
    await using folder = await createFolder();
    await using receiver = await startReceiver();
    const rules = `${folder.path}/rules`;
    await mkdir(rules);
    const model = await readFile(`${RULES}/model.yml`, "utf8");
    await writeFile(`${rules}/model.yml`, model.replaceAll(/for: \w+/g, "for: 1s"));
    await using server = await startServer({
      monitor: true,
      persist: false,
      scrapeInterval: 0.5,
      rules: [rules],
      rulesInterval: 0.5,
      alertWebhook: [`${receiver.url}/hook`],
      alertGroupWait: 0,
      alertGroupInterval: 1,
    });
    const find = (status: string) =>
      receiver.received.find((one) => one.alertname === "ModelNotLoaded" && one.status === status);
    const listAlerts = async (): Promise<readonly { readonly state: string }[]> =>
      (await server.get(`${API}/alerts`)).json.data.alerts;
    const count = `${API}/query?query=${encodeURIComponent("sum(model_default)")}`;
    await until(async () => (await server.get(count)).json.data.result[0]?.value[1] === "1");
    expect(await listAlerts()).toEqual([]);

    await rm(`${server.models}/iris`, { recursive: true });
    await server.server.reload();
    await until(async () => find("firing") !== undefined);
    expect(find("firing")).toMatchObject({
      path: "/hook",
      labels: { severity: "critical", job: "tepal", instance: new URL(server.url).host },
    });
    expect((await listAlerts()).map(({ state }) => state)).toEqual(["firing"]);
    const series = `${API}/series?match[]=ALERTS`;
    const states = (await server.get(series)).json.data.map(
      ({ alertstate }: { readonly alertstate: string }) => alertstate,
    );
    expect(states).toContain("firing");
  });

  it("are those of Tepal's own rules unless others are named", async () => {
    await using server = await startServer({ monitor: true, persist: false });
    const listGroups = async () => (await server.get(`${API}/rules?type=alert`)).json.data.groups;
    const names = (await listGroups())
      .flatMap(({ rules }: { readonly rules: readonly { readonly name: string }[] }) => rules)
      .map(({ name }: { readonly name: string }) => name);
    expect(names).toContain("ModelNotLoaded");
    expect(names).toContain("AvailabilityBudgetBurn");
  });

  it("are left out when the rules are wrong, until they are mended and read again", async () => {
    await using folder = await createFolder();
    const rules = `${folder.path}/rules.yml`;
    await writeFile(
      rules,
      '{"groups": [{"name": "a", "rules": [{"alert": "A", "expr": "sum("}]}]}',
    );
    await using server = await startServer({ monitor: true, persist: false, rules: [rules] });
    const countGroups = async (): Promise<number> =>
      (await server.get(`${API}/rules`)).json.data.groups.length;
    expect(await countGroups()).toBe(0);
    await writeFile(rules, '{"groups": [{"name": "a", "rules": [{"alert": "A", "expr": "up"}]}]}');
    await server.server.reload();
    await until(async () => (await countGroups()) === 1);
  });
});
