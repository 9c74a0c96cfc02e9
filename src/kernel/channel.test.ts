import { MessageChannel } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { createChannel, transfer, type Channel } from "./channel.ts";
import { TepalError } from "./errors.ts";

interface Calls {
  half(n: number): Promise<number>;
  fail(): Promise<void>;
  never(): Promise<void>;
  note(text: string): void;
}

function createPair(notes: string[] = []): Channel<Calls> {
  const handlers: Calls = {
    async half(n) {
      if (n % 2 === 1) throw new TepalError("INVALID_INPUT", `${n} is odd`);
      return n / 2;
    },
    fail: () => Promise.reject(new TypeError("broken")),
    never: () => new Promise(() => {}),
    note: (text) => void notes.push(text),
  };
  const pass = (message: unknown): unknown => JSON.parse(JSON.stringify(message));
  const remote = createChannel<object, Calls>({
    peer: "caller",
    handlers,
    send: (message) => local.receive(pass(message)),
  });
  const local: Channel<Calls> = createChannel<Calls, object>({
    peer: "worker",
    handlers: {},
    send: (message) => remote.receive(pass(message)),
  });
  return local;
}

describe("a channel", () => {
  it("returns results and errors to the caller", async () => {
    const channel = createPair();
    expect(await Promise.all([channel.call("half", 4), channel.call("half", 10)])).toEqual([2, 5]);
    await expect(channel.call("half", 3)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: "3 is odd",
    });
    await expect(channel.call("fail")).rejects.toMatchObject({ code: "INTERNAL" });
    await expect(channel.call("unknown" as "fail")).rejects.toThrow("There is no handler unknown");
    expect(channel.pending).toBe(0);
  });

  it("ignores messages of another format", () => {
    const channel = createPair();
    for (const message of ["text", null, 5, {}, { kind: "other" }]) channel.receive(message);
    expect(channel.pending).toBe(0);
  });

  it("notifies without a reply", () => {
    const notes: string[] = [];
    const channel = createPair(notes);
    channel.notify("note", "a");
    expect(notes).toEqual(["a"]);
    expect(channel.pending).toBe(0);
    channel.close();
    channel.notify("note", "b");
    expect(notes).toEqual(["a"]);
  });

  it("rejects pending and later calls once the peer has ended", async () => {
    const channel = createPair();
    const pending = channel.call("never");
    expect(channel.pending).toBe(1);
    channel.close();
    await expect(pending).rejects.toThrow("The worker ended before it replied");
    await expect(channel.call("half", 2)).rejects.toMatchObject({ code: "INTERNAL" });
  });

  it("transfers marked buffers between threads, and copies others", async () => {
    const { port1, port2 } = new MessageChannel();
    const kept = new Uint8Array([1, 2, 3]);
    const moved = new Uint8Array([4, 5]);
    interface Bytes {
      copied(): Uint8Array;
      moved(): { readonly body: Uint8Array };
    }
    const remote = createChannel<object, Bytes>({
      peer: "caller",
      handlers: {
        copied: () => kept,
        moved: () => transfer({ body: moved }, [moved.buffer]),
      },
      send: (message, buffers) => port2.postMessage(message, [...buffers]),
    });
    const local = createChannel<Bytes, object>({
      peer: "worker",
      handlers: {},
      send: (message, buffers) => port1.postMessage(message, [...buffers]),
    });
    port1.on("message", local.receive);
    port2.on("message", remote.receive);
    expect(await local.call("copied")).toEqual(new Uint8Array([1, 2, 3]));
    expect(await local.call("moved")).toEqual({ body: new Uint8Array([4, 5]) });
    expect([kept.byteLength, moved.byteLength]).toEqual([3, 0]);
    port1.close();
  });
});
