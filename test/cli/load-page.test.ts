import { spawnSync } from "node:child_process";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import type { RunReport } from "../../src/load/contract/report.ts";
import { MAIN, startCli, waitForOutput, type Running } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import type { JsonValue } from "../support/json.ts";
import { HOSTILE, SCRIPT } from "../support/load-page.ts";
import { copyIris } from "../support/models.ts";
import { startServer } from "../support/server.ts";

interface Answer {
  readonly status: number;
  readonly json: JsonValue;
}

async function ask(url: string, method = "GET", body?: object, key?: string): Promise<Answer> {
  const reply = await request(url, {
    method: method === "GET" ? "GET" : "POST",
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await reply.body.text();
  return { status: reply.statusCode, json: text.startsWith("{") ? JSON.parse(text) : undefined };
}

const isGone = (url: string): Promise<boolean> =>
  ask(`${url}/health`).then(
    () => false,
    () => true,
  );

const PLAN = { profile: { kind: "users", users: 5, spawn_rate: 100 } };
const UP = ["up", "--port", "0", "--load-port", "0"];

async function waitForBoth(running: Running): Promise<{ api: string; page: string }> {
  const api = await waitForOutput(running, /Predict {2}(http:\/\/127\.0\.0\.1:\d+)/);
  return { api, page: await waitForOutput(running, /Load test (http:\/\/127\.0\.0\.1:\d+)/) };
}

it("tepal load ends in a working directory that was deleted", async () => {
  await using folder = await createFolder();
  await writeFile(join(folder.path, "script.ts"), SCRIPT);
  const shell = 'mkdir gone; cd gone; rmdir ../gone; exec "$0" "$1" load "$2" --web-port 0';
  const words = ["-c", shell, process.execPath, MAIN, join(folder.path, "script.ts")];
  const { status, stderr } = spawnSync("sh", words, {
    cwd: folder.path,
    encoding: "utf8",
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  expect(stderr).toContain("The working directory does not exist. Start in another one.");
  expect(status).toBe(1);
});

describe("tepal up", () => {
  it("serves the page beside the API, and stores the run that it stops at the end", async () => {
    await using folder = await createFolder();
    await copyIris(join(folder.path, "models"));
    await using running = startCli(UP, folder.path);
    const { api, page } = await waitForBoth(running);
    expect((await ask(`${page}/api/load`)).json.defaults.host).toBe(api);
    expect((await ask(`${page}/api/load/start`, "POST", PLAN)).status).toBe(202);
    const { id } = (await ask(`${page}/api/load/runs/current`)).json;
    await expect
      .poll(async () => (await ask(`${page}/api/load/runs/current`)).json.total.requests)
      .toBeGreaterThan(3);
    running.process.kill("SIGTERM");
    expect((await running.ended).code).toBe(0);
    expect(await isGone(page)).toBe(true);
    const kept = join(folder.path, ".tepal/load", `${id}.json`);
    const report: RunReport = JSON.parse(await readFile(kept, "utf8"));
    expect(report).toMatchObject({ id, state: "stopped", plan: { host: api } });
    expect(report.total.failures).toBe(0);

    // What was kept is there in the next process.
    await using again = startCli(UP, folder.path);
    const next = await waitForBoth(again);
    const { runs } = (await ask(`${next.page}/api/load/runs`)).json;
    expect(runs).toMatchObject([{ id, host: api, total: { requests: report.total.requests } }]);

    // However the API ends, the page does not stay behind.
    again.process.kill("SIGKILL");
    await expect.poll(() => isGone(next.page)).toBe(true);
  });

  it("continues without the page if its port is in use, or with --no-load", async () => {
    await using folder = await createFolder();
    await copyIris(join(folder.path, "models"));
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await using running = startCli(["up", "--port", "0", "--load-port", String(port)], folder.path);
    const api = await waitForOutput(running, /Predict {2}(http:\/\/127\.0\.0\.1:\d+)/);
    await waitForOutput(running, /page did not start; the API continues/);
    expect(running.output()).toContain(`Another program uses port ${port} on 127.0.0.1`);
    expect((await ask(`${api}/health/ready`)).status).toBe(200);
    other.close();

    await using without = startCli(["up", "--port", "0", "--no-load"], folder.path);
    await waitForOutput(without, /Press Ctrl-C to stop/);
    without.process.kill("SIGTERM");
    expect((await without.ended).stdout).not.toContain("Load test");
  });

  it("explains how to set a key if the API requires keys", async () => {
    await using folder = await createFolder();
    await copyIris(join(folder.path, "models"));
    await using made = startCli(["keys", "add", "--name", "x", "--role", "load"], folder.path);
    await writeFile(join(folder.path, "key"), (await made.ended).stdout);
    const words = [...UP, "--api-keys-file", "api-keys.json"];
    await using locked = startCli(words, folder.path);
    await waitForOutput(locked, /The API requires keys\. .*--load-key-file FILE/);
    await using running = startCli([...words, "--load-key-file", "key"], folder.path);
    const { page } = await waitForBoth(running);
    await ask(`${page}/api/load/start`, "POST", { ...PLAN, run_time_seconds: 4 });
    const read = async (): Promise<RunReport> => (await ask(`${page}/api/load/runs/current`)).json;
    await expect.poll(async () => (await read()).state).toBe("stopped");
    const { total, failures } = await read();
    expect([total.requests > 5, failures]).toEqual([true, []]);
    expect(running.output()).not.toContain("requires keys");
  });
});

describe("tepal load", () => {
  it("requires a key beyond loopback", async () => {
    await using folder = await createFolder();
    await writeFile(join(folder.path, "script.ts"), SCRIPT);
    await writeFile(join(folder.path, "key"), "a-password\n");
    await writeFile(join(folder.path, "short"), "abc\n");
    const refuse = async (...words: string[]): Promise<string> => {
      await using running = startCli(
        ["load", "script.ts", "--web-port", "0", ...words],
        folder.path,
      );
      const { code, stderr } = await running.ended;
      expect(code).toBe(2);
      return stderr;
    };
    const far = ["--web-host", "0.0.0.0"];
    expect(await refuse(...far)).toContain("--web-key-file FILE");
    expect(await refuse(...far, "--web-key-file", "absent")).toContain(
      "--web-key-file: Cannot read absent",
    );
    expect(await refuse(...far, "--web-key-file", "short")).toContain("8 or more");
    expect(await refuse("--web-open", "--web-key-file", "key")).toContain(
      "--web-open: It excludes --web-key-file",
    );

    const words = ["load", "script.ts", "--web-port", "0", ...far, "--web-key-file", "key"];
    await using running = startCli(words, folder.path);
    const page = await waitForOutput(running, /Page {4}(http:\/\/\S+)/);
    const url = `http://127.0.0.1:${new URL(page).port}`;
    expect((await ask(`${url}/api/load`)).status).toBe(401);
    expect((await ask(`${url}/api/load`, "GET", undefined, "a-password")).status).toBe(200);
    expect((await ask(`${url}/health`)).status).toBe(200);

    await using open = startCli(
      ["load", "script.ts", "--web-port", "0", ...far, "--web-open"],
      folder.path,
    );
    const { port } = new URL(await waitForOutput(open, /Page {4}(http:\/\/\S+)/));
    expect((await ask(`http://127.0.0.1:${port}/api/load`)).status).toBe(200);
  });

  it("starts a run at once with --autostart", async () => {
    await using server = await startServer();
    await using folder = await createFolder();
    await writeFile(join(folder.path, "script.ts"), SCRIPT);
    const words = ["load", "script.ts", "--web-port", "0", "--autostart", "--host", server.url];
    await using running = startCli(words, folder.path);
    const page = await waitForOutput(running, /Page {4}(http:\/\/\S+)/);
    await expect
      .poll(async () => (await ask(`${page}/api/load/runs/current`)).json.total.requests)
      .toBeGreaterThan(10);
    running.process.kill("SIGINT");
    expect((await running.ended).code).toBe(0);
    expect(await readdir(join(folder.path, ".tepal/load"))).toHaveLength(1);
  });

  it("--headless writes every report format, and stores the run in --data-dir", async () => {
    await using server = await startServer();
    await using folder = await createFolder();
    await writeFile(join(folder.path, "script.ts"), SCRIPT);
    const words = ["load", "script.ts", "--headless", "--host", server.url, "--run-time", "2s"];
    const outputs = ["--json", "r.json", "--csv", "out", "--html", "r.html", "--data-dir", "runs"];
    await using running = startCli(
      [...words, "--users", "8", "--spawn-rate", "100", ...outputs],
      folder.path,
    );
    const { code } = await running.ended;
    const read = (name: string): Promise<string> => readFile(join(folder.path, name), "utf8");
    const report: RunReport = JSON.parse(await read("r.json"));
    expect(code).toBe(report.verdict?.exit_code);
    const rows: Record<string, string>[] = parse(await read("out_stats.csv"), { columns: true });
    expect(rows.at(-1)).toMatchObject({ "Request Count": String(report.total.requests) });
    expect(await read("out_failures.csv")).toContain("404");
    // One row a second, the last one with all requests.
    const history: Record<string, string>[] = parse(await read("out_stats_history.csv"), {
      columns: true,
    });
    const last = report.series.at(-1)!.elapsed_seconds;
    expect(history.at(-1)).toMatchObject({
      Timestamp: String(Math.floor(report.started_at_ms! / 1_000) + Math.round(last)),
      "Total Request Count": String(report.total.requests),
    });
    expect(await read("out_exceptions.csv")).toContain("onerror");
    expect(await read("r.html")).not.toContain(HOSTILE.markup);
    expect(JSON.parse(await read(`runs/${report.id}.json`))).toEqual(report);
  });
});
