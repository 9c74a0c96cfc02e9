import type { ApiParts } from "../lib/api.ts";

type Fetch = ApiParts["fetch"];

interface Question {
  readonly id: number;
  readonly url: string;
  readonly body: string | undefined;
}

interface Answer {
  readonly id: number;
  readonly status: number;
  readonly contentType: string;
  readonly body: ArrayBuffer;
}

/** The part of a worker that is used, on both sides. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** A worker, seen from the page. */
interface WorkerPort extends Port {
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "error", listener: (event: Event) => void): void;
}

/** The first message of a worker: it has its code and its recording. */
const READY = "ready";

/** Answers the requests of the page, in the worker. */
export function answerRequests(port: Port, send: Fetch): void {
  port.postMessage(READY, []);
  const answer = async ({ id, url, body }: Question): Promise<void> => {
    const reply = await send(url, { ...(body !== undefined && { body }) });
    const bytes = await reply.arrayBuffer();
    const contentType = reply.headers.get("content-type") ?? "";
    const message: Answer = { id, status: reply.status, contentType, body: bytes };
    port.postMessage(message, [bytes]);
  };
  port.addEventListener("message", ({ data }) => void answer(data as Question));
}

/** Returns a function in the place of `fetch` that sends the requests of the page to its worker. */
function sendToWorker(port: Port): Fetch {
  const waiting = new Map<number, (answer: Answer) => void>();
  let count = 0;
  port.addEventListener("message", ({ data }) => {
    const answer = data as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  return async (url, { body, signal }) => {
    signal?.throwIfAborted();
    const id = count++;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    waiting.set(id, resolve);
    signal?.addEventListener("abort", () => {
      waiting.delete(id);
      reject(signal.reason);
    });
    const question: Question = { id, url, body: typeof body === "string" ? body : undefined };
    port.postMessage(question, []);
    const { status, contentType, body: bytes } = await promise;
    return new Response(bytes, { status, headers: { "content-type": contentType } });
  };
}

/**
 * Returns the requests of a worker, or those of the page if the browser starts none, for example since a web server forbids it.
 *
 * @param start throws, or its worker has the event `error`, if there is none
 */
export async function chooseSender(
  start: () => WorkerPort,
  createSender: () => Fetch,
): Promise<Fetch> {
  try {
    const worker = start();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    worker.addEventListener("message", () => resolve());
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      reject(new Error("The browser starts no worker."));
    });
    await promise;
    return sendToWorker(worker);
  } catch {
    return createSender();
  }
}
