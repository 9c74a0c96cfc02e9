import { once } from "node:events";
import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { connect as connectTls, getCiphers } from "node:tls";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pino } from "pino";
import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCertificate } from "../support/certificates.ts";
import {
  createKey,
  readKeysFile,
  writeKeysFile,
  type Role,
} from "../../src/http/access/api-keys.ts";
import { runCli } from "../support/cli.ts";
import { createConsoleFolder } from "../support/console.ts";
import { createFolder, type TemporaryFolder } from "../support/folders.ts";
import { toIrisObject, trainIris } from "../support/models.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/workers.ts";

const SETOSA = toIrisObject([5.1, 3.5, 1.4, 0.2]);

describe("API keys", () => {
  let folder: TemporaryFolder;
  let file: string;
  let server: TestServer;
  const texts: Record<string, string> = {};
  beforeAll(async () => {
    folder = await createFolder();
    file = join(folder.path, "keys.json");
    const roles: Role[] = ["predict", "metrics", "load", "admin"];
    const made = roles.map((role) =>
      createKey(`the ${role} key`, role, "2026-01-01T00:00:00.000Z"),
    );
    for (const { text, stored } of made) texts[stored.role] = text;
    await writeKeysFile(
      file,
      made.map(({ stored }) => stored),
    );
    server = await startServer({ apiKeysFile: file });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  async function send(path: string, key: string | undefined, method = "GET"): Promise<number> {
    const headers: Record<string, string> =
      key === undefined ? {} : { authorization: `Bearer ${key}` };
    if (method === "GET") return (await server.send(path, { headers })).status;
    const body = JSON.stringify(SETOSA);
    const json = { ...headers, "content-type": "application/json" };
    return (await server.send(path, { method, headers: json, body })).status;
  }

  it.each([
    ["POST", "/predict", { predict: 200, metrics: 403, load: 200, admin: 200 }],
    ["GET", "/models", { predict: 200, metrics: 403, load: 200, admin: 200 }],
    ["GET", "/", { predict: 200, metrics: 403, load: 200, admin: 200 }],
    ["GET", "/openapi.json", { predict: 200, metrics: 403, load: 200, admin: 200 }],
    ["GET", "/metrics", { predict: 403, metrics: 200, load: 200, admin: 200 }],
    ["POST", "/admin/reload", { predict: 403, metrics: 403, load: 403, admin: 200 }],
  ])("allow %s %s by role, and reject missing and wrong keys", async (method, path, byRole) => {
    expect(await send(path, undefined, method)).toBe(401);
    expect(await send(path, "tepal_wrong", method)).toBe(401);
    expect(await send(path, `${texts["admin"]}x`, method)).toBe(401);
    expect(await send(path, texts["admin"]?.slice(0, -1), method)).toBe(401);
    for (const [role, status] of Object.entries(byRole)) {
      expect(await send(path, texts[role], method)).toBe(status);
    }
  });

  it("are not required for health checks, nor for a 404", async () => {
    expect(await send("/health/live", undefined)).toBe(200);
    expect(await send("/health/ready", undefined)).toBe(200);
    expect(await send("/nothing", undefined)).toBe(404);
  });

  it("are accepted in X-API-Key; a 401 has advice, and is counted", async () => {
    const headers = { "x-api-key": texts["metrics"] ?? "" };
    expect((await server.send("/metrics", { headers })).status).toBe(200);
    const rejected = await server.get("/models");
    expect(rejected.headers["www-authenticate"]).toBe('Bearer realm="tepal"');
    expect(rejected.json).toMatchObject({ code: "UNAUTHORIZED", status: 401 });
    for (const authorization of ["Basic YTpi", "Bearer", "Bearer ", `Bearer  a b`]) {
      expect((await server.send("/models", { headers: { authorization } })).status).toBe(401);
    }
    const { text } = await server.send("/metrics", { headers });
    expect(text).toMatch(/api_auth_failures_total\{reason="missing"\} [1-9]/);
    expect(text).toMatch(/api_auth_failures_total\{reason="unknown"\} [1-9]/);
    expect(text).toMatch(/api_auth_failures_total\{reason="role"\} [1-9]/);
  });

  it("are stored as hashes, in a file that only its owner can read", async () => {
    const stored = await readFile(file, "utf8");
    for (const text of Object.values(texts)) expect(stored).not.toContain(text.slice(6));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("change with a reload; a damaged file changes nothing", async () => {
    await using own = await createFolder();
    const path = join(own.path, "keys.json");
    const first = createKey("first", "predict", "2026-01-01");
    const second = createKey("second", "predict", "2026-01-01");
    await writeKeysFile(path, [first.stored]);
    await using other = await startServer({ apiKeysFile: path });
    const status = async (key: string): Promise<number> =>
      (await other.send("/models", { headers: { authorization: `Bearer ${key}` } })).status;
    expect([await status(first.text), await status(second.text)]).toEqual([200, 401]);
    await writeFile(path, '{"keys": [');
    const { problems } = await other.server.reload();
    expect(problems).toEqual([
      {
        part: "keys",
        message: expect.stringContaining(`Invalid keys file ${path}: Expected valid JSON`),
      },
    ]);
    expect([await status(first.text), await status(second.text)]).toEqual([200, 401]);
    await writeKeysFile(path, [second.stored]);
    await other.server.reload();
    expect([await status(first.text), await status(second.text)]).toEqual([401, 200]);
  });

  it("must be valid at the start", async () => {
    await expect(startServer({ apiKeysFile: "/nowhere/keys.json" })).rejects.toThrow(
      "`tepal keys add`",
    );
    await using own = await createFolder();
    const path = join(own.path, "keys.json");
    await writeFile(path, '{"keys": [{"id": "x"}]}');
    await expect(startServer({ apiKeysFile: path })).rejects.toThrow(
      `Invalid keys file ${path}: /keys/0`,
    );
    await writeFile(path, '{"keys": [], "keys": []}');
    await expect(startServer({ apiKeysFile: path })).rejects.toThrow(
      "/keys: Expected 1 field of this name, got 2.",
    );
  });

  it("are not required for the docs with --open-docs, but for everything else", async () => {
    await using open = await startServer({ apiKeysFile: file, openDocs: true });
    expect((await open.get("/openapi.json")).status).toBe(200);
    expect((await open.get("/models")).status).toBe(401);
    expect((await open.post("/predict", SETOSA)).status).toBe(401);
  });
});

describe("a rate limit", () => {
  it("counts each key by itself, also for clients with the same IP address", async () => {
    await using folder = await createFolder();
    const file = join(folder.path, "keys.json");
    const [one, two] = [createKey("1", "predict", "2026"), createKey("2", "predict", "2026")];
    await writeKeysFile(file, [one.stored, two.stored]);
    // One window of the limit, however long the requests take.
    const clock = { nowMs: () => 0, monotonicSeconds: () => 1 };
    await using server = await startServer({ apiKeysFile: file, rateLimit: 10 }, { clock });
    const send = async (key: string): Promise<number> =>
      (await server.send("/models", { headers: { authorization: `Bearer ${key}` } })).status;
    const first = await Promise.all(Array.from({ length: 30 }, () => send(one.text)));
    expect(first.filter((status) => status === 429)).toHaveLength(20);
    expect(await send(two.text)).toBe(200);
  });
});

describe("administration", () => {
  it("is rejected on a server without API keys", async () => {
    await using server = await startServer();
    const reply = await server.post("/admin/reload", {});
    expect(reply.status).toBe(403);
    expect(reply.json.detail).toContain("--api-keys-file");
  });

  it("reloads models and reports the changes", async () => {
    await using folder = await createFolder();
    const file = join(folder.path, "keys.json");
    const { text, stored } = createKey("me", "admin", "2026-01-01");
    await writeKeysFile(file, [stored]);
    await using server = await startServer({ apiKeysFile: file });
    await trainIris(server.models, { trees: 8 });
    const headers = { authorization: `Bearer ${text}` };
    const reply = await server.send("/admin/reload", { method: "POST", headers });
    expect(reply.json).toEqual({
      loaded: [{ name: "iris", version: 2 }],
      failed: [],
      removed: [],
      problems: [],
    });
  });

  it.skipIf(!hasProgram("openssl"))("names every part that could not be read", async () => {
    await using folder = await createFolder();
    const at = (name: string): string => join(folder.path, name);
    const { text, stored } = createKey("me", "admin", "2026-01-01");
    await writeKeysFile(at("keys.json"), [stored]);
    const { cert, key } = makeCertificate(folder.path, "tls");
    await writeFile(at("rules.yml"), '{"groups": []}');
    await using server = await startServer({
      apiKeysFile: at("keys.json"),
      tlsCert: cert,
      tlsKey: key,
      monitor: true,
      persist: false,
      rules: [at("rules.yml")],
    });
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    const reload = async (): Promise<unknown> => {
      const headers = { authorization: `Bearer ${text}` };
      const url = `${server.url}/admin/reload`;
      const reply = await request(url, { method: "POST", headers, dispatcher });
      expect(reply.statusCode).toBe(200);
      return reply.body.json();
    };
    const nothing = { loaded: [], failed: [], removed: [], problems: [] };
    // A monitor that has not started yet is a problem too.
    await expect.poll(reload).toEqual(nothing);
    for (const file of [at("keys.json"), cert, at("rules.yml")]) await writeFile(file, "{");
    await writeFile(join(server.models, "default.json"), "{");
    const problem = (part: string, message: string): object => ({
      part,
      message: expect.stringContaining(message),
    });
    expect(await reload()).toEqual({
      ...nothing,
      problems: [
        problem("rules", "Invalid rule files, 1 problem"),
        problem("keys", "Invalid keys file"),
        problem("certificate", "Invalid options --tls-cert and --tls-key"),
        problem("models", "Invalid default.json: Expected valid JSON."),
      ],
    });
    await rm(server.models, { recursive: true });
    expect(await reload()).toMatchObject({
      problems: [{}, {}, {}, problem("models", "The models folder cannot be read")],
    });
    await dispatcher.close();
  });
});

describe("tepal keys", () => {
  it("adds, lists and removes keys, and prints a key only once", async () => {
    await using folder = await createFolder();
    const add = await runCli(
      ["keys", "add", "--name", "prometheus", "--role", "metrics"],
      folder.path,
    );
    expect(add.code).toBe(0);
    expect(add.stdout).toMatch(/^tepal_[A-Za-z0-9_-]{43}\n$/);
    const list = await runCli(["keys", "list"], folder.path);
    expect(list.stdout).toMatch(/^[0-9a-f]{8}  metrics  2\S+Z  prometheus\n$/);
    const [stored] = await readKeysFile(join(folder.path, "api-keys.json"));
    expect(stored?.role).toBe("metrics");
    const wrong = await runCli(["keys", "remove", "00000000"], folder.path);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining(stored?.id ?? "-") });
    expect((await runCli(["keys", "remove", stored?.id ?? ""], folder.path)).code).toBe(0);
    expect((await runCli(["keys", "list"], folder.path)).stdout).toBe("");
    const role = await runCli(["keys", "add", "--name", "x", "--role", "root"], folder.path);
    expect(role).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("predict, metrics, load, admin"),
    });
  });
});

describe("an overload", () => {
  it("of requests in flight gets 503 at once, while health and metrics reply", async () => {
    await using server = await startServer({ maxInFlight: 2 });
    const { hostname, port } = new URL(server.url);
    const head =
      "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n";
    const sockets = [1, 2].map(() => connect(Number(port), hostname).on("error", () => {}));
    for (const socket of sockets) socket.write(head);
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(2);
    const rejected = await server.post("/predict", SETOSA);
    expect(rejected.status).toBe(503);
    expect(rejected.json.code).toBe("OVERLOADED");
    expect(rejected.headers["retry-after"]).toBe("5");
    expect((await server.get("/health/ready")).status).toBe(200);
    expect(await server.metric('api_overload_total{reason="in_flight"}')).toBe(1);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(0);
    expect((await server.post("/predict", SETOSA)).status).toBe(200);
  });

  it("of the event loop gets 503 until it has caught up", async () => {
    let now = 0;
    const clock = { nowMs: () => 0, monotonicSeconds: () => now };
    await using server = await startServer({ maxEventLoopLag: 0.5 }, { clock });
    expect((await server.post("/predict", SETOSA)).status).toBe(200);
    // The lag counts from the end of the start, which is a timer of the server.
    await expect
      .poll(async () => {
        now += 2;
        return (await server.post("/predict", SETOSA)).json.code;
      })
      .toBe("OVERLOADED");
    expect((await server.get("/health/live")).status).toBe(200);
    expect(await server.metric('api_overload_total{reason="event_loop"}')).toBe(1);
    await expect.poll(async () => (await server.post("/predict", SETOSA)).status).toBe(200);
  });
});

describe("headers", () => {
  it("forbid content sniffing, and restrict the docs page to resources of this server", async () => {
    await using folder = await createConsoleFolder();
    await using server = await startServer({}, { consoleFolder: folder.path });
    expect((await server.post("/predict", SETOSA)).headers["x-content-type-options"]).toBe(
      "nosniff",
    );
    const { headers } = await server.get("/docs/");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["x-frame-options"]).toBe("DENY");
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("a server on all network interfaces", () => {
  async function readLog(options: object): Promise<string> {
    const lines: string[] = [];
    const logger = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
    await using server = await startServer({ host: "0.0.0.0", ...options }, { logger });
    expect(server.url).toContain("http://");
    return lines.join("");
  }

  it("warns without API keys, and of unencrypted keys", async () => {
    expect(await readLog({})).toContain("ANY CLIENT that reaches 0.0.0.0");
    expect(await readLog({ host: "127.0.0.1" })).toBe("");
    await using folder = await createFolder();
    const file = join(folder.path, "keys.json");
    await writeKeysFile(file, [createKey("me", "admin", "2026-01-01").stored]);
    expect(await readLog({ apiKeysFile: file })).toContain("API keys unencrypted");
  });
});

describe.skipIf(process.platform === "win32")("a keys file that other users may write", () => {
  async function readLog(prepare: (folder: string) => Promise<string>): Promise<string> {
    const lines: string[] = [];
    const logger = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
    await using folder = await createFolder();
    const file = join(folder.path, "keys.json");
    await writeKeysFile(file, [createKey("me", "admin", "2026-01-01").stored]);
    const apiKeysFile = await prepare(folder.path);
    await using server = await startServer({ apiKeysFile }, { logger });
    expect((await server.get("/models")).status).toBe(401);
    return lines.join("");
  }

  it("draws a warning that names it", async () => {
    const log = await readLog(async (folder) => {
      await chmod(join(folder, "keys.json"), 0o660);
      return join(folder, "keys.json");
    });
    expect(log).toContain("OTHER USERS can add API keys");
    expect(log).toMatch(/keys\.json \(mode 0660\)/);
  });

  it("draws a warning through a link, and about a folder that others may write", async () => {
    const log = await readLog(async (folder) => {
      await chmod(join(folder, "keys.json"), 0o602);
      await mkdir(join(folder, "open"), { mode: 0o700 });
      await chmod(join(folder, "open"), 0o777);
      await symlink("../keys.json", join(folder, "open/link.json"));
      return join(folder, "open/link.json");
    });
    expect(log).toMatch(/keys\.json \(mode 0602\)/);
    expect(log).toMatch(/open \(mode 0777\)/);
  });

  it("draws none if only its owner may, also in a folder with the sticky bit", async () => {
    const log = await readLog(async (folder) => {
      await chmod(join(folder, "keys.json"), 0o644);
      await chmod(folder, 0o1777);
      return join(folder, "keys.json");
    });
    expect(log).toBe("");
  });
});

/** Returns the suites that a server accepts, of all that OpenSSL knows. */
async function findSuites(port: number): Promise<readonly string[]> {
  const accepted: string[] = [];
  for (const suite of getCiphers().toSorted()) {
    const isNew = suite.startsWith("tls_");
    const name = suite.toUpperCase();
    const version = isNew ? "TLSv1.3" : "TLSv1.2";
    let socket;
    try {
      socket = connectTls({
        port,
        host: "127.0.0.1",
        rejectUnauthorized: false,
        // Level 0 lets the client offer everything.
        ciphers: isNew ? name : `${name}:@SECLEVEL=0`,
        minVersion: isNew ? version : "TLSv1",
        maxVersion: version,
      });
      await once(socket, "secureConnect");
      accepted.push(socket.getCipher().name);
    } catch {
      // Rejected by the server, or unknown to the client's TLS.
    } finally {
      socket?.destroy();
    }
  }
  return accepted.toSorted((a, b) => Number(b.startsWith("TLS_")) - Number(a.startsWith("TLS_")));
}

describe.runIf(hasProgram("openssl"))("TLS", () => {
  /** Requests over a new connection that trusts only this certificate. */
  async function requestWith(server: TestServer, ca: Buffer): Promise<number> {
    const dispatcher = new Agent({ connect: { ca, checkServerIdentity: () => undefined } });
    try {
      const reply = await request(`${server.url}/health/live`, { dispatcher });
      await reply.body.dump();
      return reply.statusCode;
    } finally {
      await dispatcher.close();
    }
  }

  /** Creates two certificates, and a server with copies of the files of the first. */
  async function startTls(folder: string, parts: Parameters<typeof startServer>[1] = {}) {
    const [first, second] = await Promise.all(
      ["first", "second"].map(async (name) => {
        const { cert, key } = makeCertificate(folder, name, "ec");
        return { cert: await readFile(cert), key: await readFile(key) };
      }),
    );
    const files = { tlsCert: join(folder, "tls.crt"), tlsKey: join(folder, "tls.key") };
    await writeFile(files.tlsCert, first!.cert);
    await writeFile(files.tlsKey, first!.key);
    return { first: first!, second: second!, files, server: await startServer(files, parts) };
  }

  it("serves HTTPS, with a new certificate after a reload; a damaged one changes nothing", async () => {
    await using folder = await createFolder();
    const { first, second, files, server } = await startTls(folder.path);
    await using _server = server;
    expect(server.url).toMatch(/^https:/);
    expect(await requestWith(server, first.cert)).toBe(200);
    await writeFile(files.tlsCert, "damaged");
    await server.server.reload();
    expect(await requestWith(server, first.cert)).toBe(200);
    await expect(requestWith(server, second.cert)).rejects.toThrow("self-signed certificate");
    await writeFile(files.tlsCert, second.cert);
    await writeFile(files.tlsKey, second.key);
    await server.server.reload();
    expect(await requestWith(server, second.cert)).toBe(200);
  });

  it("follows certificate and key; one that lacks its key changes nothing and is logged once", async () => {
    await using folder = await createFolder();
    const output = new PassThrough({ encoding: "utf8" });
    let log = "";
    output.on("data", (chunk: string) => (log += chunk));
    const { first, second, files, server } = await startTls(folder.path, { logger: pino(output) });
    await using _server = server;
    const countLines = (text: string): number => log.split(text).length - 1;
    const reloaded = "reloaded the certificate: ";
    const broken = "cannot reload the certificate, keeping the earlier one: ";
    await writeFile(files.tlsCert, second.cert);
    await until(() => countLines(broken) === 1);
    expect(await requestWith(server, first.cert)).toBe(200);
    // The next change is of the key alone.
    await writeFile(files.tlsKey, second.key);
    await until(() => countLines(reloaded) === 1);
    expect(await requestWith(server, second.cert)).toBe(200);
    await expect(requestWith(server, first.cert)).rejects.toThrow("self-signed certificate");
    expect(countLines(broken)).toBe(1);
  });

  it.each(["rsa", "ec"] as const)(
    "accepts only AEAD suites with forward secrecy with a key of the kind %s, also after a reload",
    async (algorithm) => {
      await using folder = await createFolder();
      const { cert, key } = makeCertificate(folder.path, "suites", algorithm);
      await using server = await startServer({ tlsCert: cert, tlsKey: key });
      const port = Number(new URL(server.url).port);
      const before = await findSuites(port);
      const kind = algorithm === "rsa" ? "RSA" : "ECDSA";
      expect(before).toEqual([
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        `ECDHE-${kind}-AES128-GCM-SHA256`,
        `ECDHE-${kind}-AES256-GCM-SHA384`,
        `ECDHE-${kind}-CHACHA20-POLY1305`,
      ]);
      await server.server.reload();
      expect(await findSuites(port)).toEqual(before);
    },
  );

  it("reports problems of its files", async () => {
    await using folder = await createFolder();
    const one = makeCertificate(folder.path, "one");
    const two = makeCertificate(folder.path, "two");
    await expect(startServer({ tlsCert: one.cert })).rejects.toThrow(
      "Expected --tls-cert and --tls-key together",
    );
    await expect(startServer({ tlsCert: one.cert, tlsKey: two.key })).rejects.toThrow(
      "Expected a certificate and its private key in PEM",
    );
    await expect(startServer({ tlsCert: "/nope", tlsKey: one.key })).rejects.toThrow(
      "Expected a certificate and its private key in PEM",
    );
  });
});
