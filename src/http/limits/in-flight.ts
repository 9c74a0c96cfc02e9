import type { Socket } from "node:net";

/** The reply to a request in flight, made or not: Node's response, or an exchange of the fast path. */
export interface PendingReply {
  readonly req: { readonly socket: Socket; readonly complete: boolean };
  readonly headersSent: boolean;
  /** True once the whole reply is made; it may not be sent yet. */
  readonly writableEnded: boolean;
  /** False if the connection closes after the reply. */
  shouldKeepAlive: boolean;
  /** Index among the requests in flight, while the request is in flight. */
  inFlightIndex?: number | undefined;
}

/** The requests in flight: those that have begun and not ended. */
export interface InFlight {
  begin(reply: PendingReply): void;
  end(reply: PendingReply): void;
  count(): number;
  /** Leaves a request out of `countMeasured`, for example a scrape, which would always find itself. */
  leaveOut(reply: PendingReply): void;
  /** Returns the number of requests in flight that are not left out. */
  countMeasured(): number;
  /**
   * Returns what a connection owes its client: whole "replies", or the "rest" of a reply to a request whose body is incomplete. The client
   * would read any other bytes as that reply, or as part of it.
   */
  findOwed(socket: Socket): "replies" | "rest" | undefined;
  /** Calls a function once the connection owes nothing. */
  whenPaid(socket: Socket, paid: () => void): void;
  /** Makes the replies to these requests close their connections, so that no client sends another request on them. */
  endConnections(): void;
}

export function createInFlight(): InFlight {
  // The first `count` are in flight. A Set would allocate a table every few requests, which lives long enough to reach the old generation:
  // its collection would stop the server for some 20 ms every few seconds of load.
  const replies: (PendingReply | undefined)[] = [];
  let count = 0;
  const leftOut = new Set<PendingReply>();
  const waiting = new Map<Socket, () => void>();

  function list(): PendingReply[] {
    return replies.slice(0, count) as PendingReply[];
  }

  function remove(reply: PendingReply): void {
    const index = reply.inFlightIndex;
    if (index === undefined) return;
    count -= 1;
    const last = replies[count]!;
    replies[index] = last;
    last.inFlightIndex = index;
    replies[count] = undefined;
    reply.inFlightIndex = undefined;
  }

  function findOwed(socket: Socket): "replies" | "rest" | undefined {
    const own = list().filter(({ req }) => req.socket === socket);
    const isPartial = own.some(
      ({ req, headersSent, writableEnded }) => headersSent && !writableEnded && !req.complete,
    );
    if (isPartial) return "rest";
    return own.some(({ req, writableEnded }) => req.complete || writableEnded)
      ? "replies"
      : undefined;
  }

  function settle(socket: Socket): void {
    const paid = waiting.get(socket);
    if (paid === undefined || findOwed(socket) !== undefined) return;
    waiting.delete(socket);
    paid();
  }

  return {
    begin(reply) {
      replies[count] = reply;
      reply.inFlightIndex = count;
      count += 1;
    },
    end(reply) {
      remove(reply);
      if (leftOut.size > 0) leftOut.delete(reply);
      if (waiting.size > 0) settle(reply.req.socket);
    },
    count: () => count,
    leaveOut: (reply) => void (reply.inFlightIndex !== undefined && leftOut.add(reply)),
    countMeasured: () => count - leftOut.size,
    findOwed,
    whenPaid: (socket, paid) => void waiting.set(socket, paid),
    endConnections() {
      for (const reply of list()) {
        if (!reply.headersSent) reply.shouldKeepAlive = false;
      }
    },
  };
}
