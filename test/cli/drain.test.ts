import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { MAIN, startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { keepRequesting } from "../support/keep-requesting.ts";
import { copyIris, toIrisObject } from "../support/models.ts";
import { until } from "../support/workers.ts";

const CONNECTIONS = 32;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

describe("SIGTERM under load", () => {
  it("loses no request on any connection before a reply closes it", async () => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    // On a busy machine the server must not reject the requests of a test.
    const words = ["serve", "--port", "0", "--max-event-loop-lag", "60"];
    await using running = startCli(words, folder.path);
    const url = await waitForOutput(running, /(http:\/\/127\.0\.0\.1:\d+)/);
    const statuses: number[] = [];
    const onReply = (status: number): void => {
      statuses.push(status);
      if (statuses.length === 501) running.process.kill("SIGTERM");
    };
    const row = toIrisObject([5.1, 3.5, 1.4, 0.2]);
    await Promise.all(Array.from({ length: CONNECTIONS }, () => keepRequesting(url, row, onReply)));
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(statuses.length).toBeGreaterThan(500 + CONNECTIONS / 2);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it("keeps accepting connections for --shutdown-delay seconds, without being ready", async () => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    const words = ["serve", "--port", "0", "--max-event-loop-lag", "60", "--shutdown-delay", "2"];
    for (const workers of [1, 2]) {
      await using running = startCli([...words, "--workers", String(workers)], folder.path);
      const url = await waitForOutput(running, STARTED[workers]!);
      running.process.kill("SIGTERM");
      // No connection is open when the signal arrives.
      await until(async () => (await send(`${url}/health/ready`)) === 503);
      for (let count = 0; count < 5; count++) expect(await predict(url)).toBe(200);
      expect(await running.ended).toMatchObject({ code: 0 });
      expect(await predict(url)).toBe("ECONNREFUSED");
    }
  });

  it("replies on connections that were made before it stopped to listen", async () => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    const words = ["serve", "--port", "0", "--max-event-loop-lag", "60"];
    await using running = startCli(words, folder.path);
    const url = await waitForOutput(running, STARTED[1]!);
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    await once(socket, "connect");
    running.process.kill("SIGTERM");
    await until(async () => (await predict(url)) === "ECONNREFUSED");
    socket.write("GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    let reply = "";
    for await (const chunk of socket.setEncoding("utf8")) reply += String(chunk);
    expect(reply).toMatch(/^HTTP\/1.1 200 [^]*connection: close/i);
    expect(await running.ended).toMatchObject({ code: 0 });
  });
});

describe("SIGTERM to npm", () => {
  it.each(["start", "run tepal -- serve"])("npm %s stops the server", async (script) => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    const own = ["--port", "0", "--models", `${folder.path}/models`];
    const words = script.split(" ");
    // `tepal up` also starts a load page, trains into the folder if it must, and persists.
    const options = script === "start" ? ["--", ...own, "--no-load", "--no-persist"] : own;
    const npm = spawn("npm", [...words, ...options], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      // A group, so that nothing survives a failure of this test.
      detached: true,
    });
    try {
      let output = "";
      for (const stream of [npm.stdout, npm.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => (output += text));
      }
      await until(() => /listening on http:\S+"/.test(output));
      const url = /listening on (http:[^"]+)/.exec(output)?.[1] ?? "";
      expect(await predict(url)).toBe(200);
      npm.kill("SIGTERM");
      await until(async () => (await predict(url)) === "ECONNREFUSED");
    } finally {
      killGroup(npm.pid ?? 0);
    }
  });
});

describe("a limit of open files", () => {
  it("too low for connections ends the start with advice", async () => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    const command = `ulimit -n 64 && exec "$0" "$@" serve --port 0`;
    const child = spawn("sh", ["-c", command, process.execPath, MAIN], { cwd: folder.path });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    const [code] = await once(child, "close");
    expect(code).toBe(1);
    expect(errors).toMatch(/Cannot serve with a limit of 64 open files: .* ulimit -n 4096\./);
  });
});

/** The output of a server of one process and of two, once it serves. */
const STARTED: Readonly<Record<number, RegExp>> = {
  1: /listening on (http:\/\/127\.0\.0\.1:\d+)/,
  2: /workers serve (http:\/\/127\.0\.0\.1:\d+)/,
};

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended, as it should.
  }
}

/** Predicts over a connection of its own. @returns the status, or the code of the connection's error */
function predict(url: string): Promise<number | string> {
  return send(`${url}/predict`, JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2])));
}

async function send(url: string, body?: string): Promise<number | string> {
  try {
    const reply = await request(url, {
      method: body === undefined ? "GET" : "POST",
      headers: { "content-type": "application/json" },
      body: body ?? null,
      reset: true,
    });
    await reply.body.dump();
    return reply.statusCode;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}
