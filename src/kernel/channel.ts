import { TepalError, toMessage, type ErrorCode, type Problem } from "./errors.ts";

/** Calls between two processes: each argument and each result passes through JSON. */
export interface Channel<Theirs> {
  /**
   * @throws TepalError that the other side threw; INTERNAL for anything else it threw, and when it is gone before it
   * has answered
   */
  ask<K extends CallName<Theirs>>(name: K, ...argument: Argument<Theirs[K]>): Answer<Theirs[K]>;
  /** To be given every message of the other side. */
  receive(message: unknown): void;
  /** The other side is gone: fails what waits for it. */
  close(): void;
}

type CallName<T> = keyof T & string;
type Argument<F> = F extends (...argument: infer A) => unknown ? A : never;
type Answer<F> = F extends (...argument: never) => infer R ? R : never;

interface WrittenError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly problems: readonly Problem[];
}

type Message =
  | { readonly ask: string; readonly id: number; readonly argument?: unknown }
  | { readonly answer: number; readonly value?: unknown }
  | { readonly answer: number; readonly error: WrittenError };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * @param send gives a message to the other side; a message to one that is gone may be lost
 * @param ours what the other side may call
 */
export function createChannel<Theirs, Ours extends object>(
  send: (message: Message) => void,
  ours: Ours,
): Channel<Theirs> {
  const calls = new Map<string, (argument: unknown) => unknown>(Object.entries(ours));
  const waiting = new Map<number, Waiting>();
  let isClosed = false;
  let lastId = 0;

  async function serve(name: string, id: number, argument: unknown): Promise<void> {
    try {
      const value = await calls.get(name)?.(argument);
      send({ answer: id, value });
    } catch (error) {
      send({ answer: id, error: writeError(error) });
    }
  }

  function settle(message: Extract<Message, { readonly answer: number }>): void {
    const asked = waiting.get(message.answer);
    waiting.delete(message.answer);
    if ("error" in message) asked?.reject(readError(message.error));
    else asked?.resolve(message.value);
  }

  return {
    ask<K extends CallName<Theirs>>(name: K, ...[argument]: Argument<Theirs[K]>) {
      const answer = new Promise<unknown>((resolve, reject) => {
        if (isClosed) {
          reject(toGone());
          return;
        }
        lastId += 1;
        waiting.set(lastId, { resolve, reject });
        send({ ask: name, id: lastId, argument });
      });
      // Both sides are this very program, so what comes back is what the call's type says.
      return answer as Answer<Theirs[K]>;
    },
    receive(message) {
      if (!isMessage(message)) return;
      if ("ask" in message) void serve(message.ask, message.id, message.argument);
      else settle(message);
    },
    close() {
      isClosed = true;
      for (const { reject } of waiting.values()) reject(toGone());
      waiting.clear();
    },
  };
}

function isMessage(message: unknown): message is Message {
  return (
    typeof message === "object" && message !== null && ("ask" in message || "answer" in message)
  );
}

function writeError(error: unknown): WrittenError {
  if (error instanceof TepalError) {
    return { code: error.code, message: error.message, problems: error.problems };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : toMessage(error);
  return { code: "INTERNAL", message, problems: [] };
}

function readError({ code, message, problems }: WrittenError): TepalError {
  return new TepalError(code, message, { problems });
}

function toGone(): TepalError {
  return new TepalError("INTERNAL", "The other process ended before it answered");
}
