import { IncomingMessage, type ServerResponse } from "node:http";

/**
 * A request of Node's HTTP server whose body can be read as one buffer, without a stream: streaming a small body costs a tenth
 * of a whole request. It is an ordinary stream unless `takeBody` is called. Of a client that waits for 100 Continue, it sends that when
 * the body is first read: a request that is rejected by its head gets its error instead.
 */
export class WholeBodyRequest extends IncomingMessage {
  private whenWhole: ((body: Buffer) => void) | undefined;
  /** The body: its only chunk, or a buffer of its length. */
  private body: Buffer | undefined;
  private bodyLength = 0;
  private received = 0;
  /** The response to a client that waits for 100 Continue. */
  private waiting: ServerResponse | undefined;

  /**
   * To be called when the request's head has arrived, before any of its body. The whole body is kept in memory: the caller
   * checks its length first.
   *
   * @param bytes the length of the body
   * @param whenWhole called with the body; never called if the client closes the connection first
   */
  takeBody(bytes: number, whenWhole: (body: Buffer) => void): void {
    this.bodyLength = bytes;
    this.whenWhole = whenWhole;
  }

  /** To be called for a request with `Expect: 100-continue`, before its body is read. */
  expectContinue(response: ServerResponse): void {
    this.waiting = response;
  }

  override _read(size: number): void {
    const { waiting } = this;
    this.waiting = undefined;
    // Node also reads, and drops, the body of a request that already has its reply.
    if (waiting?.headersSent === false) waiting.writeContinue();
    super._read(size);
  }

  /** Called by Node's parser with each chunk of the body, and with null at its end. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    const { whenWhole } = this;
    if (whenWhole === undefined) return super.push(chunk, encoding);
    if (chunk !== null) {
      if (chunk.length === this.bodyLength) this.body = chunk;
      else {
        // Not a list of chunks, which would cost a hundred bytes for each: they may have one byte.
        this.body ??= Buffer.allocUnsafeSlow(this.bodyLength);
        chunk.copy(this.body, this.received);
      }
      this.received += chunk.length;
      return true;
    }
    // The empty stream ends too: Node waits for its end before it reuses the connection.
    const more = super.push(null);
    whenWhole(this.body ?? Buffer.alloc(0));
    return more;
  }
}
