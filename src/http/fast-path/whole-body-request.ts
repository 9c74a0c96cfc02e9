import { IncomingMessage } from "node:http";

/**
 * A request of Node's HTTP server whose body can be had as one buffer, past the machinery of streams: flowing a small
 * body through it costs a tenth of a whole request. Whoever does not ask for it gets the ordinary stream.
 */
export class WholeBodyRequest extends IncomingMessage {
  private chunks: Buffer[] | undefined;
  private whenWhole: ((body: Buffer) => void) | undefined;

  /**
   * To be called when the request's head has arrived, before anything of its body. The caller must know the body's greatest
   * length: all of it is kept.
   *
   * @param whenWhole gets the body; never called when the client goes away first
   */
  takeBody(whenWhole: (body: Buffer) => void): void {
    this.chunks = [];
    this.whenWhole = whenWhole;
  }

  /** Node's parser gives the body piece by piece, and null at its end. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    const { chunks } = this;
    if (chunks === undefined) return super.push(chunk, encoding);
    if (chunk !== null) {
      chunks.push(chunk);
      return true;
    }
    // The stream ends too, empty: Node waits for that before it reuses the connection.
    const more = super.push(null);
    this.whenWhole?.(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    return more;
  }
}
