import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * The streams that run. A stream may take as long as it likes, but not stand still: the limit on the time that a request
 * may take to arrive does not end it; that time without a byte in or out does.
 */
export interface LiveStreams {
  /**
   * @param onIdle told once when nothing has been received, and nothing taken of what was sent, for `idleSeconds`
   */
  begin(request: IncomingMessage, response: ServerResponse, onIdle: () => void): void;
  /** Whether a connection is in the midst of a stream. */
  has(socket: Socket): boolean;
}

export function createLiveStreams(idleSeconds: number): LiveStreams {
  const sockets = new Set<Socket>();
  return {
    begin(request, response, onIdle) {
      const { socket } = request;
      sockets.add(socket);
      // Node's own timer of a connection: anything read, and any progress of what is being written, puts it off.
      socket.setTimeout(idleSeconds * 1_000);
      response.once("timeout", onIdle);
      response.once("close", () => {
        sockets.delete(socket);
        response.off("timeout", onIdle);
      });
      // After it, Node sets the timer for keep-alive; a connection that it does not keep is closed anyway.
    },
    has: (socket) => sockets.has(socket),
  };
}
