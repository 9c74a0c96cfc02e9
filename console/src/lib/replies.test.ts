import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { fetchObserved, onReply, type ObservedReply } from "./replies.ts";

it("reports the parameters of a request, in its URL or in a form", async () => {
  await using server = createServer((_request, reply) => reply.end()).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const replies: ObservedReply[] = [];
  const stop = onReply((reply) => replies.push(reply));
  const send = async (path: string, method: string, type: string, body?: string): Promise<void> => {
    const headers = { "content-type": type };
    await fetchObserved(`${root}${path}`, { method, headers, ...(body !== undefined && { body }) });
  };
  await send("query?query=a+%2B+b", "GET", "application/json");
  await send("query", "POST", "application/x-www-form-urlencoded", "query=a+%2B+b");
  await send("predict", "POST", "application/json", '{"a":1}');
  stop();
  await send("query", "GET", "application/json");
  expect(replies.map(({ method, query, body }) => [method, query, body])).toEqual([
    ["GET", "query=a + b", ""],
    ["POST", "query=a + b", "query=a+%2B+b"],
    ["POST", "", '{"a":1}'],
  ]);
});
