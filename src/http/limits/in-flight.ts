import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The requests that have begun and not ended. */
export interface InFlight {
  begin(response: ServerResponse): void;
  end(response: ServerResponse): void;
  count(): number;
  /**
   * Whether a connection owes a reply to a request that has arrived whole, or is in the midst of one. Anything else that
   * were written to it would be taken for that reply, or for a part of it.
   */
  owesReply(socket: Socket): boolean;
  /** Has the connections of these requests closed after their replies, so that no client sends another on them. */
  endConnections(): void;
}

export function createInFlight(): InFlight {
  const responses = new Set<ServerResponse>();
  return {
    begin: (response) => void responses.add(response),
    end: (response) => void responses.delete(response),
    count: () => responses.size,
    owesReply(socket) {
      for (const { req, headersSent } of responses) {
        if (req.socket === socket && (headersSent || req.complete)) return true;
      }
      return false;
    },
    endConnections() {
      for (const response of responses) {
        if (!response.headersSent) response.shouldKeepAlive = false;
      }
    },
  };
}
