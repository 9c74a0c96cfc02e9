import { describe, expect, it } from "vitest";
import { createApi } from "../lib/api.ts";
import { createClient, type Client } from "./client.ts";

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
  readonly reply: (status: number, body: unknown) => void;
}

/** A client whose requests the test answers. */
function start(key = ""): { readonly client: Client; readonly sent: readonly Sent[] } {
  const sent: Sent[] = [];
  const api = createApi({
    key: () => key,
    fetch(url, init) {
      const { promise, resolve, reject } = Promise.withResolvers<Response>();
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      sent.push({
        url,
        init,
        reply: (status, body) => resolve(new Response(JSON.stringify(body), { status })),
      });
      return promise;
    },
  });
  return { client: createClient(api), sent };
}

const REPLY = { data: { resultType: "vector", result: [] } };
const signal = (): AbortSignal => new AbortController().signal;

describe("the client", () => {
  it("sends requests that are the same once, and again after their reply", async () => {
    const { client, sent } = start();
    const both = [client.query("up", 1, signal()), client.query("up", 1, signal())];
    expect([sent.length, client.isBusy()]).toEqual([1, true]);
    sent[0]!.reply(200, REPLY);
    expect(await Promise.all(both)).toEqual([REPLY.data, REPLY.data]);
    expect(client.isBusy()).toBe(false);
    void client.query("up", 1, signal());
    expect(sent.length).toBe(2);
  });

  it("aborts a request when its last caller does not wait any more", async () => {
    const { client, sent } = start();
    const [first, second] = [new AbortController(), new AbortController()];
    const both = Promise.allSettled([
      client.query("up", 1, first.signal),
      client.query("up", 1, second.signal),
    ]);
    first.abort();
    expect(sent[0]!.init.signal?.aborted).toBe(false);
    second.abort();
    expect([sent[0]!.init.signal?.aborted, client.isBusy()]).toEqual([true, false]);
    expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    // A new request has a reply of its own.
    void client.query("up", 1, signal());
    expect([sent.length, client.isBusy()]).toEqual([2, true]);
  });

  it("sends the key, and long queries as a form", () => {
    const { client, sent } = start("secret");
    void client.query("up", 1, signal());
    void client.queryRange(`up{a="${"x".repeat(3_000)}"}`, 1, 2, 1, signal());
    expect(sent[0]).toMatchObject({
      url: "../prometheus/api/v1/query?query=up&time=1",
      init: { method: "GET", headers: { authorization: "Bearer secret" } },
    });
    expect(sent[1]).toMatchObject({
      url: "../prometheus/api/v1/query_range",
      init: { method: "POST" },
    });
  });

  it.each([
    [401, { detail: "No key." }, "key", "No key."],
    [403, { detail: "No role." }, "role", "No role."],
    [404, {}, "absent", "The server responded with status 404."],
    [400, { status: "error", error: "parse error" }, "error", "parse error"],
  ])("explains status %d", async (status, body, failure, message) => {
    const { client, sent } = start();
    const failed = client.query("up", 1, signal());
    sent[0]!.reply(status, body);
    await expect(failed).rejects.toMatchObject({ failure, message });
  });

  it("explains a missing reply", async () => {
    const fetch = (): Promise<Response> => Promise.reject(new TypeError("fetch"));
    const client = createClient(createApi({ key: () => "", fetch }));
    await expect(client.query("up", 1, signal())).rejects.toMatchObject({ failure: "unreachable" });
  });
});
