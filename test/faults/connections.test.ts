import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createFolder } from "../support/folders.ts";
import { copyIris, toIrisObject } from "../support/models.ts";
import { readTree } from "../support/process-tree.ts";
import { startServer, type TestServer } from "../support/server.ts";

const PATIENT = { timeout: 100_000 };

const SETOSA = toIrisObject([5.1, 3.5, 1.4, 0.2]);
const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const HOLDER = fileURLToPath(new URL("./hold-connections.ts", import.meta.url));
const CONNECTIONS = 10_000;
/** File descriptors of a process for other purposes. */
const SPARE = 200;

/** Returns the number of connections that a process may have with its hard limit of descriptors. */
function findConnectionLimit(): number {
  const { stdout } = spawnSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" });
  const limit = stdout.trim() === "unlimited" ? Infinity : Number(stdout);
  const most = Math.min(CONNECTIONS, limit - SPARE);
  if (most < CONNECTIONS) {
    process.stderr.write(`testing only ${most} connections, because \`ulimit -Hn\` is ${limit}\n`);
  }
  return most;
}

/** Starts Node.js with enough file descriptors. */
function startNode(words: readonly string[], folder: string) {
  const script = `ulimit -n ${findConnectionLimit() + SPARE} && exec "$@"`;
  const child = spawn("sh", ["-c", script, "sh", process.execPath, ...words], {
    cwd: folder,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  const collect = (chunk: string): void => void (output += chunk);
  child.stdout.setEncoding("utf8").on("data", collect);
  child.stderr.setEncoding("utf8").on("data", collect);
  const ended = once(child, "exit");
  return {
    child,
    /** Waits for a pattern in the output; returns its first group. */
    async find(pattern: RegExp): Promise<string> {
      for (;;) {
        const found = pattern.exec(output)?.[1];
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`The process ended: ${output}`);
        await Promise.race([once(child.stdout, "data"), once(child.stderr, "data"), ended]);
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function predict(url: string): Promise<number> {
  const reply = await fetch(`${url}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(SETOSA),
  });
  await reply.text();
  return reply.status;
}

describe("ten thousand idle connections", () => {
  it("must not stop predictions, and must be closed when the server stops", async () => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    const most = findConnectionLimit();
    await using server = startNode(
      [MAIN, "serve", "--port", "0", "--max-event-loop-lag", "100"],
      folder.path,
    );
    const url = await server.find(/(http:\/\/127\.0\.0\.1:\d+)/);
    const { pid = 0 } = server.child;
    expect(await predict(url)).toBe(200);
    const before = await readTree(pid);
    await using holder = startNode([HOLDER, new URL(url).port, String(most)], folder.path);
    expect(Number(await holder.find(/(\d+) open/))).toBe(most);
    expect(await predict(url)).toBe(200);
    const bytes = (await readTree(pid)).residentBytes - before.residentBytes;
    process.stdout.write(`${most} idle connections: ${(bytes / most / 1e3).toFixed(1)} kB each\n`);
    expect(bytes / most).toBeLessThan(100e3);
    server.child.kill("SIGTERM");
    await once(server.child, "exit");
    expect(server.child.exitCode).toBe(0);
    await holder.find(/(all closed)/);
  });
});

describe("slow clients", () => {
  // A reply larger than the kernel's buffers of a connection, which hold up to 10 MB.
  const maxBatchRows = 100_000;
  const rows = Array.from({ length: maxBatchRows }, () => [5.1, 3.5, 1.4, 0.2]);
  const body = JSON.stringify({ instances: rows });
  const message =
    "POST /predict/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
    `Content-Length: ${body.length}\r\n\r\n${body}`;

  /** Requests a reply of 20 MB and does not read it. */
  function startReader(server: TestServer): Socket {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname).on("error", () => {});
    socket.pause();
    socket.write(message);
    return socket;
  }

  it("that do not read their reply must be disconnected, and then not count as in flight", async () => {
    await using server = await startServer({
      requestTimeout: 4,
      maxEventLoopLag: 100,
      maxBatchRows,
    });
    const sockets: Socket[] = [];
    // One after the other: while the server predicts, the body of another request would arrive too slowly.
    for (let count = 1; count <= 3; count++) {
      sockets.push(startReader(server));
      await expect
        .poll(() => server.metric('model_batch_rows_count{model="iris",version="1"}'), PATIENT)
        .toBe(count);
    }
    const series = 'api_requests_total{method="POST",route="/predict/batch",status="499"}';
    await expect.poll(() => server.metric(series), PATIENT).toBe(3);
    expect(await server.metric("api_requests_in_flight")).toBe(0);
    expect((await server.post("/predict", SETOSA)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  it("that read slowly must get the whole reply", async () => {
    await using server = await startServer({
      requestTimeout: 1.5,
      maxEventLoopLag: 100,
      maxBatchRows,
    });
    const socket = startReader(server);
    let received = 0;
    let tail = "";
    const isWhole = /"id":"[0-9a-f]{32}"}$/;
    const begun = performance.now();
    while (!isWhole.test(tail) && !socket.closed) {
      const chunk: Buffer | null = socket.read();
      if (chunk !== null) {
        received += chunk.length;
        tail = chunk.subarray(-60).toString("latin1");
      }
      await sleep(30);
    }
    // Longer than a client may take that does not read: twice the request timeout.
    expect(performance.now() - begun).toBeGreaterThan(3_000);
    expect(received).toBeGreaterThan(15_000_000);
    expect(tail).toMatch(isWhole);
    socket.destroy();
  });

  it("that write slowly must get their reply beside others, or 408", async () => {
    await using server = await startServer({ requestTimeout: 2 });
    const { hostname, port } = new URL(server.url);
    const text = JSON.stringify(SETOSA);
    const bytes = `POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
    const write = async (stepMs: number): Promise<string> => {
      const socket = connect(Number(port), hostname).on("error", () => {});
      let received = "";
      socket.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
      const closed = once(socket, "close");
      for (let at = 0; at < bytes.length && !socket.destroyed; at += 10) {
        socket.write(bytes.slice(at, at + 10));
        await sleep(stepMs);
      }
      await closed;
      return received;
    };
    const [slow, slowest, other] = await Promise.all([
      write(10),
      write(500),
      server.post("/predict", SETOSA),
    ]);
    expect(slow).toMatch(/^HTTP\/1.1 200 /);
    expect(slowest).toMatch(/^HTTP\/1.1 408 /);
    expect(other.status).toBe(200);
  });
});
