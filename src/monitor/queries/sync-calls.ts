import { receiveMessageOnPort, type MessagePort } from "node:worker_threads";

/**
 * Calls from a thread that may block to one that must not: the caller waits for the result in the middle of its computation. The
 * other thread replies from its event loop, between its own work.
 */
export interface SyncLink {
  readonly port: MessagePort;
  /** An Int32 that counts the replies. */
  readonly replies: SharedArrayBuffer;
}

/** Functions of one argument; arguments and results survive a structured clone. */
type Handlers<Calls> = { readonly [K in keyof Calls]: (argument: never) => unknown };

interface Call {
  readonly name: string;
  readonly argument: unknown;
}

type Reply = { readonly value: unknown } | { readonly error: string };

/** A result whose buffers pass to the caller without a copy. */
export class Transferred<T> {
  readonly value: T;
  readonly buffers: readonly ArrayBuffer[];

  constructor(value: T, buffers: readonly ArrayBuffer[]) {
    this.value = value;
    this.buffers = buffers;
  }
}

export function createReplyCounter(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}

/**
 * Creates a function that calls a handler of the other thread and blocks until its result arrives.
 *
 * @throws Error with the message of an error that the handler threw
 */
export function createSyncCaller<Calls extends Handlers<Calls>>({
  port,
  replies,
}: SyncLink): <K extends keyof Calls & string>(
  name: K,
  argument: Parameters<Calls[K]>[0],
) => ReturnType<Calls[K]> {
  const count = new Int32Array(replies);
  return (name, argument) => {
    let seen = Atomics.load(count, 0);
    port.postMessage({ name, argument } satisfies Call);
    for (;;) {
      const received = receiveMessageOnPort(port);
      if (received !== undefined) {
        const reply = received.message as Reply;
        if ("error" in reply) throw new Error(reply.error);
        // Both threads are of the same version of this program, so the result has the type of the call.
        return reply.value as never;
      }
      Atomics.wait(count, 0, seen);
      seen = Atomics.load(count, 0);
    }
  };
}

/** Serves the calls of another thread, until the port is closed. */
export function serveSyncCalls<Calls extends Handlers<Calls>>(
  { port, replies }: SyncLink,
  handlers: { readonly [K in keyof Calls]: (argument: Parameters<Calls[K]>[0]) => unknown },
): void {
  const local = new Map<string, (argument: never) => unknown>(Object.entries(handlers));
  const count = new Int32Array(replies);
  const send = (reply: Reply, buffers: readonly ArrayBuffer[] = []): void =>
    port.postMessage(reply, [...buffers]);
  port.on("message", ({ name, argument }: Call) => {
    try {
      const value = local.get(name)?.(argument as never);
      if (value instanceof Transferred) send({ value: value.value }, value.buffers);
      else send({ value });
    } catch (error) {
      send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
    Atomics.add(count, 0, 1);
    Atomics.notify(count, 0);
  });
}
