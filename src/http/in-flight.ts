import type { ServerResponse } from "node:http";

/** The requests that have begun and not ended. */
export interface InFlight {
  begin(response: ServerResponse): void;
  end(response: ServerResponse): void;
  count(): number;
  /** Has the connections of these requests closed after their replies, so that no client sends another on them. */
  endConnections(): void;
}

export function createInFlight(): InFlight {
  const responses = new Set<ServerResponse>();
  return {
    begin: (response) => void responses.add(response),
    end: (response) => void responses.delete(response),
    count: () => responses.size,
    endConnections() {
      for (const response of responses) {
        if (!response.headersSent) response.shouldKeepAlive = false;
      }
    },
  };
}
