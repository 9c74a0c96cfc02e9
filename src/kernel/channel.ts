import { TepalError, toMessage, type ErrorCode, type Problem } from "./errors.ts";

/**
 * Calls between this thread or process and another one, its peer. It works over any pair of functions that send and receive messages:
 * `postMessage` of a worker thread (structured clone, with transfer), or `send` of a process (JSON, or structured clone if the process was
 * forked with `serialization: "advanced"`). Arguments and results have to survive that copy.
 *
 * Messages arrive in order. A handler runs as soon as its message arrives, so handlers that take turns need a queue of their own. A
 * message cannot interrupt a peer that computes; share an Int32 in a SharedArrayBuffer for that.
 */
export interface Channel<Remote> {
  /**
   * Calls a handler of the peer.
   * @throws TepalError that the handler threw; INTERNAL for anything else that it threw, and if the peer ends before it replies
   */
  call<K extends CallName<Remote>>(name: K, ...argument: Argument<Remote[K]>): Result<Remote[K]>;
  /** Calls a handler of the peer without a reply. Lost if the peer has ended; an error of the handler is the peer's to report. */
  notify<K extends CallName<Remote>>(name: K, ...argument: Argument<Remote[K]>): void;
  /** Takes every message of the peer. Ignores messages of another format. */
  receive(message: unknown): void;
  /** Calls without a reply yet. */
  readonly pending: number;
  /** Rejects all pending and future calls, since the peer has ended. */
  close(): void;
}

type CallName<T> = keyof T & string;
type Argument<F> = F extends (...argument: infer A) => unknown ? A : never;
/** Every call is asynchronous, even if its handler is not. */
type Result<F> = F extends (...argument: never) => infer R ? Promise<Awaited<R>> : never;

export type Message =
  | {
      readonly kind: "call";
      readonly name: string;
      readonly id: number;
      readonly argument?: unknown;
    }
  | { readonly kind: "notification"; readonly name: string; readonly argument?: unknown }
  | { readonly kind: "result"; readonly id: number; readonly value?: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: SentError };

interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly problems: readonly Problem[];
}

export interface ChannelParts<Local extends object> {
  /**
   * Sends a message to the peer. A message to a peer that has ended may be lost.
   * @param transfer buffers whose ownership passes to the peer, where the transport can (`transfer`); empty for most messages
   */
  readonly send: (message: Message, transfer: readonly ArrayBuffer[]) => void;
  /** Functions that the peer may call. */
  readonly handlers: Local;
  /** Names the peer in errors: `The monitor ended before it replied`. */
  readonly peer: string;
}

const buffersOf = new WeakMap<object, readonly ArrayBuffer[]>();

/**
 * Marks buffers in an argument or a result to be transferred and not copied. The sender cannot use them afterwards.
 * @returns the value itself
 */
export function transfer<T extends object>(value: T, buffers: readonly ArrayBuffer[]): T {
  buffersOf.set(value, buffers);
  return value;
}

export function createChannel<Remote, Local extends object>({
  send,
  handlers,
  peer,
}: ChannelParts<Local>): Channel<Remote> {
  const local = new Map<string, (argument: unknown) => unknown>(Object.entries(handlers));
  const pending = new Map<number, Pick<PromiseWithResolvers<unknown>, "resolve" | "reject">>();
  let isClosed = false;
  let lastId = 0;

  async function run(name: string, argument: unknown): Promise<unknown> {
    const handler = local.get(name);
    if (handler === undefined) throw new TepalError("INTERNAL", `There is no handler ${name}`);
    return await handler(argument);
  }

  async function reply(name: string, id: number, argument: unknown): Promise<void> {
    try {
      const value = await run(name, argument);
      send({ kind: "result", id, value }, listBuffers(value));
    } catch (error) {
      send({ kind: "error", id, error: toSentError(error) }, []);
    }
  }

  function settle(message: Extract<Message, { readonly kind: "result" | "error" }>): void {
    const call = pending.get(message.id);
    pending.delete(message.id);
    if (message.kind === "error") call?.reject(toError(message.error));
    else call?.resolve(message.value);
  }

  const toEnded = (): TepalError =>
    new TepalError("INTERNAL", `The ${peer} ended before it replied`);

  return {
    call<K extends CallName<Remote>>(name: K, ...[argument]: Argument<Remote[K]>) {
      const result = new Promise<unknown>((resolve, reject) => {
        if (isClosed) {
          reject(toEnded());
          return;
        }
        lastId += 1;
        pending.set(lastId, { resolve, reject });
        send({ kind: "call", name, id: lastId, argument }, listBuffers(argument));
      });
      // Both sides are the same version of this program, so the result has the type of the call.
      return result as Result<Remote[K]>;
    },
    notify(name, ...[argument]) {
      if (!isClosed) send({ kind: "notification", name, argument }, listBuffers(argument));
    },
    receive(message) {
      if (!isMessage(message)) return;
      if (message.kind === "call") void reply(message.name, message.id, message.argument);
      else if (message.kind === "notification") void run(message.name, message.argument);
      else settle(message);
    },
    get pending() {
      return pending.size;
    },
    close() {
      isClosed = true;
      for (const { reject } of pending.values()) reject(toEnded());
      pending.clear();
    },
  };
}

const KINDS: ReadonlySet<unknown> = new Set(["call", "notification", "result", "error"]);

function isMessage(message: unknown): message is Message {
  return (
    typeof message === "object" && message !== null && "kind" in message && KINDS.has(message.kind)
  );
}

function listBuffers(value: unknown): readonly ArrayBuffer[] {
  return typeof value === "object" && value !== null ? (buffersOf.get(value) ?? []) : [];
}

function toSentError(error: unknown): SentError {
  if (error instanceof TepalError) {
    return { code: error.code, message: error.message, problems: error.problems };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : toMessage(error);
  return { code: "INTERNAL", message, problems: [] };
}

function toError({ code, message, problems }: SentError): TepalError {
  return new TepalError(code, message, { problems });
}
