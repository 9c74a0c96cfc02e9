/** A reply of the server to a request of the console. */
export interface ObservedReply {
  readonly method: string;
  /** Path below the server's root. */
  readonly path: string;
  /** Decoded parameters: the query without its question mark, or those of a form. */
  readonly query: string;
  /** The body of the request if it is a string. */
  readonly body: string;
  readonly status: number;
}

const FORM = "application/x-www-form-urlencoded";

type Listener = (reply: ObservedReply) => void;

const listeners = new Set<Listener>();

/** Calls back for each reply that the console gets. @returns stops it */
export function onReply(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Fetches a URL below the server's root, and reports the reply to those that listen. */
export async function fetchObserved(url: string, init: RequestInit): Promise<Response> {
  const reply = await fetch(url, init);
  if (listeners.size > 0) {
    const { method = "GET" } = init;
    const body = typeof init.body === "string" ? init.body : "";
    const isForm = new Headers(init.headers).get("content-type") === FORM;
    const [path = "", ...query] = url.replace(/^\.\.\//, "").split("?");
    const observed: ObservedReply = {
      method,
      path,
      query: decode(isForm ? body : query.join("?")),
      body,
      status: reply.status,
    };
    for (const listener of listeners) listener(observed);
  }
  return reply;
}

function decode(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll("+", " "));
  } catch {
    return query;
  }
}
