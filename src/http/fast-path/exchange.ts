import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type { RequestHead } from "../request-head.ts";
import type { PendingReply } from "../limits/in-flight.ts";
import type { MeasuredRequest } from "../request-meter.ts";
import type { FastHead } from "./read-head.ts";

const NO_HEADERS: string[] = [];

/** A request on the fast path and its reply, from the head until the reply is sent: a plain object, not a stream. */
export class Exchange implements RequestHead, MeasuredRequest, PendingReply {
  readonly method = "POST";
  readonly httpVersion = "1.1";
  /** Empty: no header occurs twice, so `headers` has them all. */
  readonly rawHeaders = NO_HEADERS;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** −1 until the body has arrived. */
  bodyBytes = -1;
  /** True once the body has arrived. */
  complete = false;
  headersSent = false;
  shouldKeepAlive = true;
  inFlightIndex: number | undefined;
  begunSeconds = 0;
  /** Reply headers of the admission. */
  admitted: readonly string[] = [];
  /** Status of the reply, once it is made. */
  status = 0;
  replyBytes = Number.NaN;
  readonly head: FastHead;
  readonly socket: Socket;
  readonly id: string;
  clientAddress = "";
  #body: Buffer | undefined;
  #received = 0;

  constructor(head: FastHead, socket: Socket, id: string) {
    this.head = head;
    this.socket = socket;
    this.id = id;
    this.url = head.url;
    this.headers = head.headers;
  }

  get writableEnded(): boolean {
    return this.headersSent;
  }

  get req(): this {
    return this;
  }

  /**
   * Takes the body's part of the bytes that have arrived.
   * @returns the number of bytes taken
   */
  takeBody(bytes: Buffer): number {
    const { bodyLength } = this.head;
    const part = bytes.subarray(0, bodyLength - this.#received);
    if (part.length === bodyLength) this.#body = part;
    else {
      // Not a list of chunks: a chunk may have one byte, and each would cost a hundred bytes.
      this.#body ??= Buffer.allocUnsafeSlow(bodyLength);
      part.copy(this.#body, this.#received);
    }
    this.#received += part.length;
    this.complete = this.#received === bodyLength;
    if (this.complete) this.bodyBytes = bodyLength;
    return part.length;
  }

  /** The body, once it has arrived. */
  get body(): Buffer {
    return this.#body ?? Buffer.alloc(0);
  }
}
