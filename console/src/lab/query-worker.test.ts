import { expect, it } from "vitest";
import { answerRequests, chooseSender } from "./query-worker.ts";

const reply = async (url: string, { body }: RequestInit): Promise<Response> =>
  new Response(`${url} ${String(body)}`, { status: 202, headers: { "content-type": "a/b" } });

/** Both sides of a worker. */
function createWorker(): { readonly page: MessagePort; readonly scope: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  port1.start();
  port2.start();
  return { page: port1, scope: port2 };
}

it("sends requests to a worker, and returns its replies", async () => {
  const { page, scope } = createWorker();
  const sender = chooseSender(
    () => page,
    () => reply,
  );
  answerRequests(scope, reply);
  const send = await sender;
  expect(send).not.toBe(reply);
  const replies = await Promise.all([send("a?b", {}), send("c", { method: "POST", body: "d" })]);
  expect(await Promise.all(replies.map((each) => each.text()))).toEqual(["a?b undefined", "c d"]);
  expect(replies[0]!.status).toBe(202);
  expect(replies[0]!.headers.get("content-type")).toBe("a/b");
  const signal = AbortSignal.abort(new Error("left"));
  await expect(send("e", { signal })).rejects.toThrow("left");
  const leaving = new AbortController();
  const left = send("f", { signal: leaving.signal });
  leaving.abort(new Error("left"));
  await expect(left).rejects.toThrow("left");
  page.close();
});

it("replies in the page if the browser starts no worker", async () => {
  const sender = await chooseSender(
    () => {
      throw new Error("forbidden");
    },
    () => reply,
  );
  expect(sender).toBe(reply);
  const { page } = createWorker();
  const other = chooseSender(
    () => page,
    () => reply,
  );
  page.dispatchEvent(new Event("error", { cancelable: true }));
  expect(await other).toBe(reply);
  page.close();
});
