import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { makeCertificate } from "../support/certificates.ts";
import { runCli, startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { startHttp, writeScript } from "../support/load.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

const EXAMPLE = fileURLToPath(new URL("../../examples/iris/loadtest.ts", import.meta.url));
/** Fewer than 20 steps in a run of a second: its validity does not depend on the speed of the machine. */
const SCRIPT = `
import { constant, defineUser, task } from "tepal/load";
export default defineUser({
  waitTime: constant(0.3),
  tasks: [task(1, async ({ get }) => { await get("/", { name: "it" }); })],
});`;
const QUICK = ["--headless", "--users", "2", "--spawn-rate", "50"];

describe("tepal load", () => {
  it("runs the example against a real server without failures, and exits with 0", async () => {
    await using server = await startServer();
    await using folder = await createFolder();
    const words = ["--host", server.url, "--headless", "--users", "6", "--spawn-rate", "50"];
    const run = await runCli(
      [
        "load",
        EXAMPLE,
        ...words,
        "--run-time",
        "3s",
        "--json",
        "report.json",
        "--threshold",
        "failures<0.01",
        "--threshold",
        "predict:p(95)<5000",
      ],
      folder.path,
    );
    expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining("Result: passed") });
    expect(run.stdout).toMatch(/^passed {3}predict:p\(95\)<5000/m);
    const report = JSON.parse(await readFile(`${folder.path}/report.json`, "utf8"));
    expect(report).toMatchObject({
      state: "stopped",
      verdict: { exit_code: 0 },
      plan: { seed: 42 },
    });
    expect(report.endpoints.map(({ name }: { name: string }) => name).toSorted()).toEqual([
      "/",
      "/metrics",
      "/predict",
    ]);
    expect(report.total.failures).toBe(0);
  });

  it("exits with 99 if a threshold is crossed, 1 if a request fails, 3 if the generator cannot keep up", async () => {
    await using server = await startHttp(({ headers }, response) => {
      response.writeHead(headers["x-fail"] === undefined ? 200 : 500).end();
    });
    await using folder = await createFolder();
    const script = await writeScript(folder.path, SCRIPT);
    const busy = await writeScript(
      folder.path,
      SCRIPT.replace(
        'await get("/", { name: "it" });',
        'const end = Date.now() + 80; while (Date.now() < end); await get("/");',
      ),
      "busy.ts",
    );
    const load = (file: string, ...words: string[]) =>
      runCli(["load", file, "--host", server.url, ...QUICK, ...words], folder.path);
    const crossed = await load(script, "--run-time", "1s", "--threshold", "it:max<0.0001");
    expect(crossed).toMatchObject({
      code: 99,
      stdout: expect.stringContaining("CROSSED  it:max<0.0001"),
    });
    const failed = await load(script, "--run-time", "1s", "--header", "X-Fail: yes");
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/^500 +GET it +\d+$/m) });
    const allowed = await load(
      script,
      "--run-time",
      "1s",
      "--header",
      "X-Fail: yes",
      "--threshold",
      "failures<=1",
    );
    expect(allowed.code).toBe(0);
    // Three busy seconds decide. On a busy machine, some are not measured.
    const invalid = await load(busy, "--users", "50", "--run-time", "6s");
    expect(invalid).toMatchObject({ code: 3, stdout: expect.stringContaining("INVALID: ") });
  });

  it("exits with 2 for invalid options and scripts, and reports all problems", async () => {
    await using folder = await createFolder();
    const script = await writeScript(folder.path, SCRIPT);
    const bad = await writeScript(folder.path, SCRIPT.replace("task(1", "task(-1"), "bad.ts");
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[script, "--users", "none"], /--users: Expected an integer from 1 to 100000, got "none"\./],
      [
        [script, "--threshold", "p95<5", "--host", "ftp://x"],
        /--host: Expected a URL .*got "ftp:\/\/x"\.\n.*--threshold: Expected .*"p95<5"/,
      ],
      [[bad], /bad\.ts:5: task weight: Expected a number ≥ 0, got -1\./],
    ];
    const runs = await Promise.all(
      cases.map(([words]) => runCli(["load", ...words, "--headless"], folder.path)),
    );
    for (const [i, { code, stderr }] of runs.entries()) {
      expect(stderr).toMatch(cases[i]?.[1] ?? /never/);
      expect(code).toBe(2);
    }
  });

  it("ends with a report on Ctrl-C, and at once on the second one", async () => {
    await using server = await startHttp(({ url }, response) => {
      if (url === "/") response.end();
    });
    await using folder = await createFolder();
    const script = await writeScript(folder.path, SCRIPT);
    // One user has fewer than 20 steps until the first line of progress.
    const calm = ["load", script, "--host", server.url, "--headless", "--users", "1"];
    await using running = startCli(calm, folder.path);
    await waitForOutput(running, /(\d+) requests/);
    running.process.kill("SIGINT");
    expect(await running.ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Result: passed"),
    });

    const slow = await writeScript(
      folder.path,
      SCRIPT.replace('get("/"', 'get("/never"'),
      "slow.ts",
    );
    await using hanging = startCli(["load", slow, "--host", server.url, ...QUICK], folder.path);
    await waitForOutput(hanging, /(\d+) requests/);
    hanging.process.kill("SIGINT");
    await waitForOutput(hanging, /Stopping/);
    hanging.process.kill("SIGINT");
    expect((await hanging.ended).code).toBe(130);
  });

  it.skipIf(!hasProgram("openssl"))("supports TLS and sends a key", async () => {
    await using folder = await createFolder();
    const { cert, key } = makeCertificate(folder.path, "localhost");
    const keysFile = `${folder.path}/keys.json`;
    const made = await runCli(
      ["keys", "add", "--name", "load", "--role", "admin", "--file", keysFile],
      folder.path,
    );
    await using server = await startServer({
      host: "localhost",
      tlsCert: cert,
      tlsKey: key,
      apiKeysFile: keysFile,
    });
    await writeScript(folder.path, made.stdout, "key");
    const words = [
      "--host",
      server.url.replace("127.0.0.1", "localhost"),
      ...QUICK,
      "--run-time",
      "1s",
    ];
    const load = (...more: string[]) => runCli(["load", EXAMPLE, ...words, ...more], folder.path);
    const refused = await load("--key-file", "key");
    expect(refused.stdout).toMatch(/^certificate refused/m);
    const unknown = await load("--insecure");
    expect(unknown.stdout).toMatch(/^401/m);
    expect((await load("--key-file", "key", "--ca", cert)).code).toBe(0);
  });
});
