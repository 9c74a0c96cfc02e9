import type { Socket } from "node:net";
import type { FastifyReply } from "fastify";

/** Connections that close after a reply that is already made. */
const closing = new WeakSet<Socket>();

/** Sets headers of a Fastify reply. @param headers lower-case names and values in turn */
export function setHeaders(reply: FastifyReply, headers: readonly string[]): FastifyReply {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    // Its value is always `close`.
    if (name === "connection") markClosing(reply.request.raw.socket);
    void reply.header(name, headers[i + 1]!);
  }
  return reply;
}

/** Records that a reply is made that closes its connection. */
export function markClosing(socket: Socket): void {
  closing.add(socket);
}

/** Returns true if the connection closes after a reply that is already made: later requests on it are not served. */
export function isClosing(socket: Socket): boolean {
  return closing.has(socket);
}
