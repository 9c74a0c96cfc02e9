import type { Socket } from "node:net";

/** Time for a client to read its reply. */
const LINGER_MS = 5_000;

/**
 * Makes a connection close slowly after its next reply, if this closes it: the server sends no more, but reads and drops the rest of a body
 * until the client closes its side. If the connection were closed at once, the system would reset it, and a client that still sends would
 * lose the reply (RFC 9112, section 9.6).
 */
export function closeSlowly(socket: Socket): void {
  // Called by Node's HTTP server after the last reply of a connection.
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once("close", () => clearTimeout(timer));
    socket.resume();
  };
}
