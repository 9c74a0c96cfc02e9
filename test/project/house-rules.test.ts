import { spawnSync } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createFolder } from "../support/folders.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What the linter, with our rules, says of a file at a place of the sources. */
async function lint(path: string, text: string): Promise<string> {
  await using folder = await createFolder();
  await cp(join(ROOT, ".oxlintrc.json"), join(folder.path, ".oxlintrc.json"));
  await mkdir(join(folder.path, dirname(path)), { recursive: true });
  await writeFile(join(folder.path, path), text);
  const oxlint = join(ROOT, "node_modules/.bin/oxlint");
  return spawnSync(oxlint, [path], { cwd: folder.path, encoding: "utf8" }).stdout;
}

/** [file, a line that its room may not have, part of the linter's message] */
const FORBIDDEN: readonly (readonly [string, string, string])[] = [
  ["src/kernel/sample.ts", 'import "../tabular/tabular.ts";', "src/kernel/ may import only"],
  ["src/tabular/sample.ts", 'import "../metrics/names.ts";', "src/tabular/ may import only"],
  ["src/metrics/sample.ts", 'import "../tabular/csv.ts";', "src/metrics/ may import only"],
  ["src/model/forest/sample.ts", 'import "../../guard/guard.ts";', "src/model/ may import only"],
  ["src/model/sample.ts", 'import "../metrics/names.ts";', "src/model/ may import only"],
  ["src/guard/sample.ts", 'import "../model/model.ts";', "src/guard/ may import only"],
  ["src/series/sample.ts", 'import "../promql/promql.ts";', "src/series/ may import only"],
  ["src/promql/sample.ts", 'import "../metrics/names.ts";', "src/promql/ may import only"],
  ["src/promql/functions/sample.ts", 'import "../../http/app.ts";', "src/promql/ may import only"],
  ["src/promql/sample.ts", 'import "../alerts/alerts.ts";', "src/promql/ may import only"],
  ["src/alerts/sample.ts", 'import "../metrics/names.ts";', "src/alerts/ may import only"],
  ["src/alerts/notify/sample.ts", 'import "../../http/app.ts";', "src/alerts/ may import only"],
  ["src/serving/sample.ts", 'import "../series/series.ts";', "src/serving/ may import only"],
  ["src/training/sample.ts", 'import "../serving/serving.ts";', "src/training/ may import only"],
  ["src/serving/sample.ts", 'import "../http/app.ts";', "src/serving/ may import only"],
  ["src/scoring/sample.ts", 'import "../http/app.ts";', "src/scoring/ may import only"],
  ["src/http/sample.ts", 'import "../scoring/scoring.ts";', "src/http/ may import only"],
  ["src/http/routes/sample.ts", 'import "../../config/config.ts";', "src/http/ may import only"],
  ["src/http/sample.ts", 'import "../server.ts";', "src/http/ may import only"],
  ["src/config/sample.ts", 'import "../cli/program.ts";', "src/config/ may import only"],
  ["src/config/sample.ts", 'import "../workers/workers.ts";', "src/config/ may import only"],
  ["src/http/sample.ts", 'import "../workers/workers.ts";', "src/http/ may import only"],
  ["src/server.ts", 'import "./workers/primary.ts";', "src/server.ts is one process"],
  ["src/workers/sample.ts", 'import "../cli/logger.ts";', "src/workers/ may import only"],
  ["dashboards/sample.ts", 'import "../src/server.ts";', "dashboards/ may import of src only"],
  ["dashboards/grafana/sample.ts", 'import "../../src/cli/main.ts";', "dashboards/ may import"],
  ["console/src/load/sample.ts", 'import "../../../src/load/define.ts";', "console/ may import of"],
  ["console/src/lib/sample.ts", 'import "../../../src/kernel/clock.ts";', "console/ may import of"],
  ["src/serving/sample.ts", "export const a = Date.now();", "Only kernel/clock.ts"],
  ["src/http/sample.ts", "export const a = performance.now();", "Only kernel/clock.ts"],
  ["src/guard/sample.ts", "export const a = Math.random();", "Only kernel/random.ts"],
];

describe("the rules of the house", () => {
  it.each(FORBIDDEN)("the linter refuses in %s: %s", async (file, line, message) => {
    expect(await lint(file, `${line}\n`)).toContain(message);
  });

  it("the linter accepts what a room may have", async () => {
    const text = 'import { METRICS } from "../metrics/names.ts";\nexport const a = METRICS;\n';
    expect(await lint("src/serving/sample.ts", text)).toContain("0 errors");
    const dashboard = text.replace("../metrics", "../src/metrics");
    expect(await lint("dashboards/sample.ts", dashboard)).toContain("0 errors");
    const page = 'import type { RunReport } from "../../../src/load/report.ts";\n';
    const kept = `${page}export type Kept = RunReport;\n`;
    expect(await lint("console/src/load/sample.ts", kept)).toContain("0 errors");
  });
});
