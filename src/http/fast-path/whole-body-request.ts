import { IncomingMessage } from "node:http";

/**
 * A request of Node's HTTP server whose body can be read as one buffer, without a stream: streaming a small body costs a tenth
 * of a whole request. It is an ordinary stream unless `takeBody` is called.
 */
export class WholeBodyRequest extends IncomingMessage {
  private chunks: Buffer[] | undefined;
  private whenWhole: ((body: Buffer) => void) | undefined;

  /**
   * To be called when the request's head has arrived, before any of its body. The whole body is kept in memory: the caller
   * checks its length first.
   *
   * @param whenWhole called with the body; never called if the client closes the connection first
   */
  takeBody(whenWhole: (body: Buffer) => void): void {
    this.chunks = [];
    this.whenWhole = whenWhole;
  }

  /** Called by Node's parser with each chunk of the body, and with null at its end. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    const { chunks } = this;
    if (chunks === undefined) return super.push(chunk, encoding);
    if (chunk !== null) {
      chunks.push(chunk);
      return true;
    }
    // The empty stream ends too: Node waits for its end before it reuses the connection.
    const more = super.push(null);
    this.whenWhole?.(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    return more;
  }
}
