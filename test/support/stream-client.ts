import { once } from "node:events";
import { request, type ClientRequest, type IncomingMessage } from "node:http";

/** A request whose body is sent, and whose reply is read, as the test says. */
export interface StreamClient {
  readonly request: ClientRequest;
  /** The reply, when its head is there; its body stays unread. */
  readonly reply: Promise<IncomingMessage>;
  /** Reads until the reply's body holds a text, and returns all that has come so far. */
  readUntil(text: string): Promise<string>;
  /** Reads to the end. @throws when the connection ends before the reply does */
  readAll(): Promise<string>;
}

export function openStream(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = { "content-type": "text/csv" },
): StreamClient {
  const sent = request(`${url}${path}`, { method: "POST", headers, agent: false });
  const reply = once(sent, "response").then(([message]: IncomingMessage[]) => {
    if (message === undefined) throw new Error("there is no reply");
    return message.setEncoding("utf8");
  });
  // Whoever wants the reply sees the error; a test that drops its connection does not.
  reply.catch(() => {});
  sent.on("error", () => {});
  let received = "";
  return {
    request: sent,
    reply,
    async readUntil(text) {
      const message = await reply;
      while (!received.includes(text)) {
        const chunk: unknown = message.read();
        if (typeof chunk === "string") received += chunk;
        else if (message.readableEnded) throw new Error(`the reply ended: ${received}`);
        else await once(message, "readable");
      }
      return received;
    },
    async readAll() {
      for await (const chunk of await reply) received += String(chunk);
      return received;
    },
  };
}
