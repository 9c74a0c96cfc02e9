import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The requests in flight: those that have begun and not ended. */
export interface InFlight {
  begin(response: ServerResponse): void;
  end(response: ServerResponse): void;
  count(): number;
  /** Leaves a request out of `countMeasured`, for example a scrape, which would always find itself. */
  leaveOut(response: ServerResponse): void;
  /** Returns the number of requests in flight that are not left out. */
  countMeasured(): number;
  /**
   * Returns true if a connection still owes a reply to a complete request, or is sending one. Its client would take anything
   * else that is written to it for that reply, or for a part of it.
   */
  owesReply(socket: Socket): boolean;
  /** Makes the replies to these requests close their connections, so that no client sends another request on them. */
  endConnections(): void;
}

export function createInFlight(): InFlight {
  const responses = new Set<ServerResponse>();
  const leftOut = new Set<ServerResponse>();
  return {
    begin: (response) => void responses.add(response),
    end(response) {
      responses.delete(response);
      if (leftOut.size > 0) leftOut.delete(response);
    },
    count: () => responses.size,
    leaveOut: (response) => void (responses.has(response) && leftOut.add(response)),
    countMeasured: () => responses.size - leftOut.size,
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
