import { once } from "node:events";
import { request, type ClientRequest, type IncomingMessage } from "node:http";

/** A request whose body and reply are under the control of the test. */
export interface StreamClient {
  readonly request: ClientRequest;
  /** Resolves with the head of the reply; its body stays unread. */
  readonly reply: Promise<IncomingMessage>;
  /** Reads until the body of the reply contains a string, and returns the body so far. */
  readUntil(text: string): Promise<string>;
  /** Reads to the end. @throws if the connection ends before the reply */
  readAll(): Promise<string>;
}

export function openStream(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = { "content-type": "text/csv" },
): StreamClient {
  const sent = request(`${url}${path}`, { method: "POST", headers, agent: false });
  const reply = once(sent, "response").then(([message]: IncomingMessage[]) => {
    if (message === undefined) throw new Error("Expected a reply");
    return message.setEncoding("utf8");
  });
  // A test that awaits the reply gets the error; one that drops its connection does not.
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
