import { readdir, readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { createAlerting } from "../../src/alerts/create-alerting.ts";
import { ALERTS_OPTIONS } from "../../src/alerts/options.ts";
import { resolveOptions } from "../../src/config/resolve-options.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { runCli } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { engine } from "./evaluate.ts";
import { createTestLog } from "./receiver.ts";
import { createTestStore } from "./store.ts";

function create(flags: Readonly<Record<string, unknown>>) {
  const store = createTestStore();
  return createAlerting(resolveOptions(ALERTS_OPTIONS, { flags }), {
    engine,
    reader: store,
    writer: store,
    clock: systemClock,
    log: createTestLog(),
    serverUrl: "https://host.example/iris/",
  });
}

describe("a file of alert settings", () => {
  it("sets the limits of the evaluator, of its links, and again at a reload", async () => {
    await using folder = await createFolder();
    const file = `${folder.path}/limits.json`;
    await writeFile(file, '{"eventLoopBusy": 0.7}');
    const alerting = await create({ alertSettings: file });
    const find = () =>
      alerting
        .listGroups({ ruleNames: ["EventLoopSaturated"] })
        .flatMap(({ rules }) => rules)
        .find(({ type }) => type === "alerting");
    expect(find()?.query).toBe("instance:eventloop_utilisation:rate5m > 0.7");
    expect(find()).toMatchObject({
      annotations: {
        description: expect.stringContaining("the limit is 70%"),
        runbook_url: "https://host.example/iris/runbooks/EventLoopSaturated",
      },
    });
    await writeFile(file, '{"eventLoopBusy": 0.6}');
    await alerting.reload();
    expect(find()?.query).toContain("> 0.6");
    await writeFile(file, '{"eventLoopBusy": 6}');
    await expect(alerting.reload()).rejects.toThrow(`${file}: eventLoopBusy: Expected a number`);
    expect(find()?.query).toContain("> 0.6");
    await alerting.close();
    const both = create({ alertSettings: file, rules: [folder.path] });
    await expect(both).rejects.toThrow("--alert-settings: Expected no settings of default rules");
  });

  it("sets those of the rule files that `tepal rules` writes", async () => {
    await using folder = await createFolder();
    const file = `${folder.path}/limits.json`;
    await writeFile(file, '{"eventLoopBusy": 0.7, "serverUrl": "https://host.example"}');
    const { code } = await runCli(["rules", "--alert-settings", file], folder.path);
    expect(code).toBe(0);
    const names = await readdir(`${folder.path}/rules`);
    expect(names.toSorted()).toEqual(["model.yml", "monitoring.yml", "process.yml", "service.yml"]);
    const text = await readFile(`${folder.path}/rules/process.yml`, "utf8");
    expect(text).toContain("instance:eventloop_utilisation:rate5m > 0.7\n");
    expect(text).toContain('runbook_url: "https://host.example/runbooks/EventLoopSaturated"');
  });
});
