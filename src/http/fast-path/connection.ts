import type { Socket } from "node:net";
import type { Clock } from "../../kernel/clock.ts";
import type { Admission, Decision } from "../admission.ts";
import { closeSlowly } from "../connections/close-slowly.ts";
import { KEEP_ALIVE_SECONDS, toUnreadSeconds } from "../connections/idle-times.ts";
import type { FindClientAddress } from "../limits/client-address.ts";
import type { HttpOptions } from "../options.ts";
import {
  toErrorReply,
  type PredictionHandler,
  type PredictionReply,
} from "../prediction/prediction-handler.ts";
import { recycle } from "../../serving/encode/byte-writer.ts";
import { toRequestId } from "../request-id.ts";
import type { RequestMeter } from "../request-meter.ts";
import { Exchange } from "./exchange.ts";
import type { createReplyFormatter } from "./format-reply.ts";
import type { FastHead, ReadHead } from "./read-head.ts";

/** Parts that all connections share. */
export interface ConnectionParts {
  readonly readHead: ReadHead;
  readonly admission: Admission;
  readonly handler: PredictionHandler;
  readonly meter: RequestMeter;
  readonly findClientAddress: FindClientAddress;
  readonly formatReply: ReturnType<typeof createReplyFormatter>;
  readonly clock: Clock;
  readonly options: Pick<HttpOptions, "requestTimeout">;
}

/** The owner of a connection. */
export interface ConnectionOwner {
  /** Called with bytes that the fast path does not accept: from here on Node's HTTP server has the connection. */
  handOver(connection: FastConnection, rest: Buffer): void;
  /** Called with an error of the connection or of its bytes, in the form in which Node's HTTP server reports it. */
  fail(socket: Socket, error: Error & { readonly code?: string }): void;
  closed(connection: FastConnection): void;
}

/** Bytes that a client may send ahead of its replies. */
const MAX_AHEAD_BYTES = 65_536;

const EMPTY = Buffer.alloc(0);

/**
 * A connection on the fast path: it reads requests from the socket's bytes, one at a time, and writes their replies in order. It sends
 * all replies to the requests of one piece of input with one write.
 */
export class FastConnection {
  readonly socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #owner: ConnectionOwner;
  /** Bytes that are not read yet. */
  #input: Buffer = EMPTY;
  /** Number of bytes of a rejected request's body that have not arrived. */
  #unwanted = 0;
  /** The request that has no reply yet. */
  #current: Exchange | undefined;
  /** Requests whose replies are made, but not written. */
  #replied: Exchange[] = [];
  /** Requests whose replies are written, but not sent completely. */
  #sent: readonly Exchange[] = [];
  /** The replies of `#replied` up to the last body of bytes; `#output` has the rest. */
  #pieces: (string | Buffer)[] = [];
  #output = "";
  #isAscii = true;
  /** True while an admission or a prediction is in progress elsewhere. */
  #isComputing = false;
  /** True if the connection closes after the replies that are made. */
  #isClosing = false;
  /** True once the connection is closed or handed over. */
  #isOver = false;
  /** Time of the last byte received or reply sent, or of the head of a request whose body arrives. */
  #sinceSeconds: number;
  #hasBegun = false;

  constructor(socket: Socket, parts: ConnectionParts, owner: ConnectionOwner) {
    this.socket = socket;
    this.#parts = parts;
    this.#owner = owner;
    this.#sinceSeconds = parts.clock.monotonicSeconds();
    socket.on("data", this.#onData);
    socket.on("end", this.#onEnd);
    socket.on("error", this.#onError);
    socket.on("close", this.#onClose);
    socket.on("timeout", this.#onTimeout);
  }

  /** Returns true if no request is in progress. */
  get isIdle(): boolean {
    return this.#current === undefined && this.#unwanted === 0 && !this.#isWaiting;
  }

  /** True while no request is read: the one in progress has no reply yet, or replies are not sent completely. */
  get #isWaiting(): boolean {
    return this.#isComputing || this.#sent.length > 0;
  }

  /** Ends the connection if it is idle or too slow. To be called about once a second. */
  check(nowSeconds: number): void {
    const seconds = nowSeconds - this.#sinceSeconds;
    const { requestTimeout } = this.#parts.options;
    // The socket's own timer ends a client that does not read: it knows the progress of a write.
    if (this.#sent.length > 0) return;
    if (this.#isComputing || this.#isClosing) {
      if (seconds > toUnreadSeconds(requestTimeout)) this.socket.destroy();
    } else if (!this.#hasBegun || this.#current !== undefined || this.#unwanted > 0) {
      if (seconds > requestTimeout) {
        this.#fail("ERR_HTTP_REQUEST_TIMEOUT", "The request did not arrive in time.");
      }
    } else if (seconds > KEEP_ALIVE_SECONDS) this.socket.destroy();
  }

  /** Stops using the socket, without closing it. */
  release(): void {
    this.#isOver = true;
    this.socket.off("data", this.#onData);
    this.socket.off("end", this.#onEnd);
    this.socket.off("error", this.#onError);
    this.socket.off("close", this.#onClose);
    this.socket.off("timeout", this.#onTimeout);
  }

  #onData = (chunk: Buffer): void => {
    if (this.#isOver || this.#isClosing) return;
    // The time for a body counts from its head.
    if (this.isIdle) this.#sinceSeconds = this.#parts.clock.monotonicSeconds();
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    if (!this.#isWaiting) this.#advance();
    else if (this.#input.length > MAX_AHEAD_BYTES) this.socket.pause();
  };

  #onEnd = (): void => {
    const isInBody = this.#unwanted > 0 || (this.#current !== undefined && !this.#current.complete);
    if (isInBody && !this.#isWaiting && !this.#isClosing) {
      this.#fail("HPE_INVALID_EOF_STATE", "The connection ended within a request.");
    } else this.socket.end();
  };

  #onError = (error: Error): void => {
    this.socket.off("error", this.#onError).on("error", () => {});
    this.#owner.fail(this.socket, error);
  };

  #onTimeout = (): void => void this.socket.destroy();

  #onClose = (): void => {
    this.#isOver = true;
    const { meter } = this.#parts;
    for (const exchange of [...this.#sent, ...this.#replied, this.#current]) {
      if (exchange !== undefined) this.#end(meter, exchange, undefined);
    }
    this.#owner.closed(this);
  };

  #fail(code: string, message: string): void {
    this.#isClosing = true;
    this.#owner.fail(this.socket, Object.assign(new Error(message), { code }));
  }

  /** Reads requests until the input is used up or a request has to wait. */
  #advance(): void {
    while (!this.#isWaiting && !this.#isClosing && this.#input.length > 0) {
      if (this.#unwanted > 0) {
        const dropped = Math.min(this.#unwanted, this.#input.length);
        this.#unwanted -= dropped;
        this.#consume(dropped);
      } else if (this.#current !== undefined) {
        this.#consume(this.#current.takeBody(this.#input));
        if (this.#current.complete) this.#predict(this.#current);
      } else {
        const head = this.#parts.readHead(this.#input, 0);
        if (head !== undefined) this.#begin(head);
        else if (this.#replied.length === 0) {
          this.#owner.handOver(this, this.#input);
          return;
        } else break;
      }
    }
    this.#flush();
  }

  #consume(bytes: number): void {
    // An empty view would keep the memory of the whole piece.
    this.#input = bytes === this.#input.length ? EMPTY : this.#input.subarray(bytes);
  }

  #begin(head: FastHead): void {
    const { socket } = this;
    const { meter, admission, findClientAddress } = this.#parts;
    const exchange = new Exchange(head, socket, toRequestId(head));
    exchange.clientAddress = findClientAddress(exchange);
    exchange.begunSeconds = meter.begin(exchange, exchange);
    this.#hasBegun = true;
    this.#sinceSeconds = exchange.begunSeconds;
    this.#current = exchange;
    this.#consume(head.size);
    const decision = admission.decide(exchange, exchange.id, exchange.clientAddress, "predict");
    if (decision instanceof Promise) {
      void this.#waitFor(decision, (one) => this.#admit(exchange, one));
    } else this.#admit(exchange, decision);
  }

  #admit(exchange: Exchange, { error, headers }: Decision): void {
    exchange.admitted = headers;
    if (error === undefined) return;
    this.#unwanted = exchange.head.bodyLength;
    this.#reply(exchange, toErrorReply(error, exchange.id));
  }

  #predict(exchange: Exchange): void {
    const { handler, clock } = this.#parts;
    const { head, id, url, body, begunSeconds } = exchange;
    const arrivedSeconds = clock.monotonicSeconds();
    const times = { begunSeconds, arrivedSeconds, startedSeconds: arrivedSeconds };
    const { predict, model, limit } = head.route;
    const reply = handler.handle({ predict, model, id, url, body, limit, times });
    if (reply instanceof Promise) void this.#waitFor(reply, (one) => this.#reply(exchange, one));
    else this.#reply(exchange, reply);
  }

  /**
   * Waits for a result, and uses it. Until then no request is read.
   * @param result never rejects
   * @param use not called if the connection is closed first
   */
  async #waitFor<T>(result: Promise<T>, use: (result: T) => void): Promise<void> {
    this.#isComputing = true;
    const found = await result;
    this.#isComputing = false;
    // A client that has closed its side gets no reply, as from Node's server.
    if (this.#isOver || this.socket.writableEnded) return;
    use(found);
    this.#continue();
  }

  #continue(): void {
    this.socket.resume();
    this.#advance();
  }

  #reply(exchange: Exchange, reply: PredictionReply): void {
    const { admitted } = exchange;
    const closes =
      !exchange.shouldKeepAlive || closesConnection(admitted) || closesConnection(reply.headers);
    const { body } = reply;
    const bodyBytes = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    const headers = [admitted, reply.headers];
    this.#output += this.#parts.formatReply(reply.status, headers, bodyBytes, closes);
    if (typeof body === "string") {
      this.#output += body;
      this.#isAscii &&= bodyBytes === body.length;
    } else {
      this.#pieces.push(this.#output, body);
      this.#output = "";
    }
    exchange.status = reply.status;
    exchange.replyBytes = bodyBytes;
    exchange.headersSent = true;
    this.#isClosing ||= closes;
    this.#replied.push(exchange);
    this.#current = undefined;
  }

  /** Writes the replies that are made. No request is read until they are sent completely, usually at the end of this turn. */
  #flush(): void {
    if (this.#replied.length === 0 || this.#sent.length > 0) return;
    this.#sent = this.#replied;
    this.#replied = [];
    const encoding = this.#isAscii ? "latin1" : "utf8";
    if (this.#pieces.length === 0) this.socket.write(this.#output, encoding, this.#onWritten);
    else this.#writePieces([...this.#pieces, this.#output], encoding);
    this.#pieces = [];
    this.#output = "";
    this.#isAscii = true;
    // The client does not take the replies at once.
    if (this.socket.writableLength > 0) {
      this.socket.setTimeout(1_000 * toUnreadSeconds(this.#parts.options.requestTimeout));
    }
  }

  #writePieces(pieces: readonly (string | Buffer)[], encoding: BufferEncoding): void {
    const { socket } = this;
    const written = pieces.filter((piece) => piece.length > 0);
    // One system call for all of them.
    socket.cork();
    for (const [i, piece] of written.entries()) {
      const isLast = i === written.length - 1;
      socket.write(piece, encoding, (error) => {
        if (typeof piece !== "string") recycle(piece);
        if (isLast) this.#onWritten(error);
      });
    }
    socket.uncork();
  }

  #onWritten = (error?: Error | null): void => {
    if (this.#isOver || (error !== undefined && error !== null) || this.socket.destroyed) return;
    const { meter, clock } = this.#parts;
    for (const exchange of this.#sent) this.#end(meter, exchange, exchange.status);
    this.#sent = [];
    if (this.socket.timeout !== 0) this.socket.setTimeout(0);
    this.#sinceSeconds = clock.monotonicSeconds();
    if (this.#replied.length > 0) this.#flush();
    else if (this.#isClosing) this.#close();
    else if (this.#input.length > 0 || this.socket.isPaused()) this.#continue();
  };

  #close(): void {
    if (this.#unwanted > this.#input.length) closeSlowly(this.socket);
    else this.socket.destroySoon();
  }

  #end(meter: RequestMeter, exchange: Exchange, status: number | undefined): void {
    const { begunSeconds, replyBytes, head } = exchange;
    meter.end(exchange, exchange, { begunSeconds, series: head.route.series, status, replyBytes });
  }
}

/** Returns true if headers close the connection. @param headers lower-case names and values in turn */
function closesConnection(headers: readonly string[]): boolean {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === "connection") return true;
  return false;
}
