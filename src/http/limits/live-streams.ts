import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * The streams in progress. A stream may last for any time as long as it is not idle: the request timeout does not end it, but
 * the same time without a byte received or sent does.
 */
export interface LiveStreams {
  /**
   * @param onIdle called once when no byte has been received, and none of the sent bytes read, for `idleSeconds`
   */
  begin(request: IncomingMessage, response: ServerResponse, onIdle: () => void): void;
  /** Returns true if a connection has a stream in progress. */
  has(socket: Socket): boolean;
}

export function createLiveStreams(idleSeconds: number): LiveStreams {
  const sockets = new Set<Socket>();
  return {
    begin(request, response, onIdle) {
      const { socket } = request;
      sockets.add(socket);
      // Node's timer of the connection: every read and every progress of a write resets it.
      socket.setTimeout(idleSeconds * 1_000);
      response.once("timeout", onIdle);
      response.once("close", () => {
        sockets.delete(socket);
        response.off("timeout", onIdle);
      });
      // Afterwards Node sets the keep-alive timer, or closes the connection.
    },
    has: (socket) => sockets.has(socket),
  };
}
