import { spawnSync } from "node:child_process";
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { runCli, startCli, waitForOutput } from "../support/cli.ts";
import { addKnn, KNN, readKnnRows } from "../support/engine-models.ts";
import { createFolder } from "../support/folders.ts";
import { readTree } from "../support/process-tree.ts";
import { startWorkers, until } from "../support/workers.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ROWS = readKnnRows();
const HEADER = Object.keys(ROWS[0]!.row).join(",");
const CSV = `${[HEADER, ...ROWS.map(({ row }) => Object.values(row).join(","))].join("\n")}\n`;
const LABELS = ROWS.map(({ label }) => label);

/** Copies Tepal with links to its packages, except onnxruntime-node. */
async function copyWithoutRuntime(folder: string): Promise<void> {
  await cp(join(ROOT, "src"), join(folder, "src"), { recursive: true });
  await cp(join(ROOT, "package.json"), join(folder, "package.json"));
  const packages = join(folder, "node_modules");
  await mkdir(packages);
  for (const name of await readdir(join(ROOT, "node_modules"))) {
    if (name.startsWith(".") || name === "onnxruntime-node") continue;
    await symlink(join(ROOT, "node_modules", name), join(packages, name));
  }
}

function runCopy(copy: string, words: readonly string[], cwd: string) {
  const main = join(copy, "src/cli/main.ts");
  const run = spawnSync(process.execPath, [main, ...words], {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] },
  });
  return { code: run.status, text: run.stdout + run.stderr };
}

describe("without onnxruntime-node", () => {
  it("`import` names the operator and the command that helps, after which it succeeds", async () => {
    await using copy = await createFolder();
    await using own = await createFolder();
    await copyWithoutRuntime(copy.path);
    const words = ["import", join(ROOT, KNN)];
    const refused = runCopy(copy.path, words, own.path);
    expect(refused.code).toBe(1);
    expect(refused.text).toContain("Expected an operator that Tepal computes, got Scan.");
    expect(refused.text).toContain("`npm i onnxruntime-node --ignore-scripts`");
    expect(await readdir(own.path)).toEqual([]);

    // Installed in the folder of the user.
    await mkdir(join(own.path, "node_modules"));
    const installed = join(own.path, "node_modules/onnxruntime-node");
    await symlink(join(ROOT, "node_modules/onnxruntime-node"), installed);
    const imported = runCopy(copy.path, words, own.path);
    expect(imported).toMatchObject({ code: 0 });
    expect(imported.text).toContain("onnxruntime computes this model");
    expect(await readdir(join(own.path, "models"))).toContain("knn");
  });

  it("a version that needs it cannot be loaded, with the command that helps", async () => {
    await using copy = await createFolder();
    await copyWithoutRuntime(copy.path);
    await addKnn(join(copy.path, "models"));
    await writeFile(join(copy.path, "rows.csv"), CSV);
    const run = runCopy(copy.path, ["score", "rows.csv", "--jobs", "1"], copy.path);
    expect(run.code).toBe(1);
    expect(run.text).toContain(
      "The model requires onnxruntime, which is not installed. Install it with `npm i onnxruntime-node --ignore-scripts`.",
    );
  });
});

describe("a model that onnxruntime computes", () => {
  it("is scored by threads with engines of their own, which end with them", async () => {
    await using folder = await createFolder();
    await addKnn(join(folder.path, "models"));
    await writeFile(join(folder.path, "rows.csv"), CSV + CSV.slice(HEADER.length + 1));
    const running = startCli(["score", "rows.csv", "--jobs", "2"], folder.path);
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    const lines = stdout.trim().split("\n").slice(1);
    expect(lines.map((line) => Number(line.split(",")[1]))).toEqual([...LABELS, ...LABELS]);
    const run = await runCli(["score", "rows.csv", "--engine-timeout", "0"], folder.path);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("--engine-timeout");
  });

  it("is served by all workers, whose counts add up; a killed engine is replaced", async () => {
    await using workers = await startWorkers(2, ["--default-model", "knn"], (folder) =>
      addKnn(join(folder, "models")),
    );
    const primary = workers.running.process.pid ?? 0;
    const send = async (): Promise<readonly [number, number | undefined]> => {
      const { row } = ROWS[0]!;
      const reply = await request(`${workers.url}/predict`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(row),
        reset: true,
      });
      const body: { readonly prediction?: number } = JSON.parse(await reply.body.text());
      return [reply.statusCode, body.prediction];
    };
    const engines = async (): Promise<readonly number[]> => {
      const { children } = await readTree(primary);
      const all = await Promise.all(
        children.map(async (pid) => {
          const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
          return command.includes("engine-process") ? [pid] : [];
        }),
      );
      return all.flat();
    };
    for (let i = 0; i < 20; i++) expect(await send()).toEqual([200, LABELS[0]]);
    const before = await engines();
    expect(before).toHaveLength(2);
    process.kill(before[0]!, "SIGKILL");
    await until(async () => (await engines()).filter((pid) => !before.includes(pid)).length === 1);
    for (let i = 0; i < 20; i++) expect(await send()).toEqual([200, LABELS[0]]);
    await workers.idle();
    const metrics = await workers.scrape();
    const series = 'model="knn",version="1"';
    expect(metrics.get(`model_predictions_total{${series},class="${LABELS[0]}"}`)).toBe(40);
    expect(metrics.get(`model_engine_failures_total{${series},reason="crash"}`)).toBe(1);
    const info = `model_info{${series},task="classification",engine="onnxruntime"}`;
    expect(metrics.get(info)).toBe(1);
    const last = await engines();
    workers.running.process.kill("SIGTERM");
    await workers.running.ended;
    for (const pid of last) expect(await workers.isRunning(pid)).toBe(false);
  });

  it("leaves no process when the server is killed", async () => {
    await using folder = await createFolder();
    await addKnn(join(folder.path, "models"));
    await using running = startCli(["serve", "--port", "0"], folder.path);
    await waitForOutput(running, /listening on (http:\/\/127\.0\.0\.1:\d+)/);
    const { children } = await readTree(running.process.pid ?? 0);
    expect(children.length).toBeGreaterThan(0);
    running.process.kill("SIGKILL");
    await running.ended;
    await until(async () => {
      const left = await Promise.all(
        children.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")),
      );
      // A zombie has ended.
      return left.every((stat) => stat === "" || stat.includes(") Z "));
    });
  });
});
