import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** Time for a client to read its reply. */
const LINGER_MS = 5_000;

/**
 * Closes a connection after its last reply while the client still sends a body: the server sends no more, but reads and drops the body until
 * the client closes its side. If the server closed at once, the operating system would reset the connection, and the client would
 * lose the reply (RFC 9112, section 9.6).
 */
export function closeSlowly(socket: Socket): void {
  socket.end();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
  socket.resume();
}

/** Makes Node's HTTP server close the connection of a request slowly, if the reply closes it before the body has arrived. */
export function closeSlowlyAfter(request: IncomingMessage): void {
  const { socket } = request;
  // Called by Node's server after the last reply of a connection.
  socket.destroySoon = () => {
    Reflect.deleteProperty(socket, "destroySoon");
    if (request.complete) socket.destroySoon();
    else closeSlowly(socket);
  };
}
