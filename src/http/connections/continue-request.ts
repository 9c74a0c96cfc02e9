import { IncomingMessage, type ServerResponse } from "node:http";

/**
 * A request of Node's HTTP server. To a client that waits for 100 Continue, it sends that when the body is first read: a request that is
 * rejected by its head gets its error instead.
 */
export class ContinueRequest extends IncomingMessage {
  /** The response to a client that waits for 100 Continue. */
  private waiting: ServerResponse | undefined;

  /** To be called for a request with `Expect: 100-continue` when it is served, before its body is read. */
  expectContinue(response: ServerResponse): void {
    this.waiting = response;
  }

  /** True if the client waits for 100 Continue. */
  get isWaiting(): boolean {
    return this.waiting !== undefined;
  }

  // Not _read, which Node does not call for a body that has arrived behind the head of a request that waited for its turn.
  override read(size?: number): unknown {
    const { waiting } = this;
    this.waiting = undefined;
    // Node also reads, and drops, the body of a request that already has its reply.
    if (waiting?.headersSent === false) waiting.writeContinue();
    return super.read(size);
  }
}

/** True if the client of a request waits for 100 Continue: Node closes the connection after a reply that comes instead. */
export function isWaiting(request: IncomingMessage): boolean {
  return request instanceof ContinueRequest && request.isWaiting;
}
