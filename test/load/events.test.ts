import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEvents } from "../../src/load/page/events.ts";
import type { JsonValue } from "../support/json.ts";
import { SCRIPT, startLoadPage, type TestPage } from "../support/load-page.ts";
import { startServer } from "../support/server.ts";

const resources = new AsyncDisposableStack();
let page: TestPage;
beforeAll(async () => {
  const server = resources.use(await startServer());
  page = resources.use(await startLoadPage({ script: SCRIPT, host: server.url }));
});
afterAll(() => resources.disposeAsync());

interface Message {
  readonly event: string;
  readonly data: JsonValue;
}

/** Receives events as a browser does. */
interface Listener extends Disposable {
  readonly reply: IncomingMessage;
  readonly messages: readonly Message[];
  of(event: string): readonly Message[];
}

async function listen(url = page.url): Promise<Listener> {
  const sent = httpRequest(`${url}/api/load/events`);
  sent.end();
  const [reply]: [IncomingMessage] = (await once(sent, "response")) as [IncomingMessage];
  const messages: Message[] = [];
  let rest = "";
  reply.setEncoding("utf8").on("data", (chunk: string) => {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, event = "", data = ""] = /^event: (\w+)\ndata: (.*)$/s.exec(block) ?? [];
      if (event !== "") messages.push({ event, data: JSON.parse(data) });
    }
  });
  reply.on("error", () => {});
  return {
    reply,
    messages,
    of: (event) => messages.filter((message) => message.event === event),
    [Symbol.dispose]: () => sent.destroy(),
  };
}

const PLAN = { profile: { kind: "users", users: 3, spawn_rate: 100 } };

describe("the page's events", () => {
  it("send a whole report first, the changes of each second, and the final report", async () => {
    using first = await listen();
    expect(first.reply.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    await expect.poll(() => first.messages.length).toBe(1);
    expect(first.messages[0]).toMatchObject({ event: "report", data: { state: "ready" } });

    await page.post("/api/load/start", PLAN);
    const { id } = page.loadTest.report();
    await expect.poll(() => first.of("second").length).toBeGreaterThanOrEqual(2);
    // A later client gets the whole report, then the same events as the others.
    using second = await listen();
    await expect.poll(() => second.of("second").length).toBeGreaterThanOrEqual(2);
    await page.post("/api/load/stop");
    for (const listener of [first, second]) {
      await expect.poll(() => listener.of("ended").length).toBe(1);
      const ended = listener.of("ended")[0]?.data;
      expect(ended).toEqual(JSON.parse(JSON.stringify(page.loadTest.report())));
      // Together, the events are the series of the run without gaps or duplicates.
      const begun = listener.messages.findLast(({ event }) => event === "report");
      const after = listener.messages.slice(listener.messages.indexOf(begun!) + 1);
      const points = after.flatMap(({ event, data }) => (event === "second" ? data.points : []));
      expect([...(begun?.data.series ?? []), ...points]).toEqual(ended.series);
      for (const { data } of listener.of("second")) {
        expect(data.series).toBeUndefined();
        expect(data).toMatchObject({ id, total: { name: "Aggregated" }, marks: expect.any(Array) });
      }
    }
  });

  it("send the output of a script, shortened, also to a client that connects later", async () => {
    await using own = await startLoadPage({ script: TALKATIVE, host: "http://127.0.0.1:9" });
    using listener = await listen(own.url);
    await own.post("/api/load/start", { profile: { kind: "users", users: 1, spawn_rate: 1 } });
    await expect.poll(() => listener.of("log").length).toBe(1_100);
    await own.post("/api/load/stop");
    expect(listener.of("log")[0]?.data).toMatchObject({
      level: "info",
      generator: 0,
      message: `0 ${"x".repeat(9_998)}`,
    });
    const { json } = await own.send("/api/load");
    expect(json.logs).toHaveLength(1_000);
    expect(json.logs.at(-1).message).toMatch(/^1099 x/);
  });
});

/** Events of a load test on a server of their own, which gives access to the replies. */
async function startEvents(heartbeatMs?: number) {
  const events = createEvents(page.loadTest, heartbeatMs);
  const replies: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    replies.push(response);
    events.add(response, {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const open = async (): Promise<Socket> => {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    await once(socket, "data");
    return socket;
  };
  return {
    events,
    replies,
    open,
    async [Symbol.asyncDispose]() {
      events.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

describe("events for a stalled client", () => {
  const line = { time_ms: 0, level: "info", generator: 0, message: "x".repeat(10_000) } as const;

  it("are not buffered, and continue with the whole report when it reads again", async () => {
    await using own = await startEvents();
    const slow = await own.open();
    let text = "";
    slow.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    slow.pause();
    const [reply] = own.replies;
    for (let i = 0; i < 3_000; i++) {
      own.events.sendLog(line);
      // The kernel buffers what fits between two lines.
      await new Promise(setImmediate);
    }
    expect(reply?.writableNeedDrain).toBe(true);
    // One message of 30 MB.
    expect(reply?.writableLength).toBeLessThan(100_000);
    own.events.sendSecond();
    slow.resume();
    await expect.poll(() => reply?.writableNeedDrain).toBe(false);
    own.events.sendSecond();
    await expect.poll(() => text.slice(text.lastIndexOf("event: "))).toMatch(/^event: report\n/);
    slow.destroy();
  });

  it("end after some time, while other clients continue", async () => {
    await using own = await startEvents(50);
    const slow = await own.open();
    slow.pause();
    const quick = await own.open();
    let text = "";
    quick.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    for (let i = 0; i < 3_000; i++) {
      own.events.sendLog(line);
      await new Promise(setImmediate);
    }
    await expect.poll(() => own.replies[0]?.destroyed).toBe(true);
    expect(own.replies[1]?.destroyed).toBe(false);
    text = "";
    await expect.poll(() => text).toContain(": heartbeat");
    quick.destroy();
  });

  it("reject client 101", async () => {
    await using own = await startEvents();
    const sockets = await Promise.all(Array.from({ length: 100 }, own.open));
    expect(() => own.events.add(own.replies[0]!, {})).toThrow("100 clients receive events already");
    for (const socket of sockets) socket.destroy();
  });
});

const TALKATIVE = `
import { defineUser, task } from "tepal/load";
let count = 0;
async function talk(user) {
  while (count < 1_100) console.log(count++ + " " + "x".repeat(20_000));
  await user.sleep(60);
}
export default defineUser({ tasks: [task(1, talk)] });
`;
