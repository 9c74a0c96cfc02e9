import type { IncomingMessage, RequestListener } from "node:http";
import type { Socket } from "node:net";
import { isClosing } from "../reply-headers.ts";

/** Memory of requests that wait on a connection, above which no more bytes are read from it. */
const MAX_WAITING_BYTES = 65_536;
/** Memory of a request without its body. */
const REQUEST_BYTES = 2_048;

const waiting = new WeakMap<Socket, Waiting>();

/**
 * Serves the requests of a connection one at a time, as the fast path does. Node's HTTP server would begin them all at once, also those behind
 * a reply that closes the connection: they would be predicted and counted, and get no reply.
 */
export function inTurn(listener: RequestListener): RequestListener {
  return (request, response) => {
    const { socket } = request;
    const serve = (): void => {
      if (!isClosing(socket)) listener(request, response);
    };
    if (response.socket !== null) {
      serve();
      return;
    }
    const others = waiting.get(socket) ?? new Waiting(socket);
    waiting.set(socket, others);
    others.add(request);
    // Node gives the socket to a response once all earlier ones are sent.
    response.once("socket", () => {
      others.removeFirst();
      serve();
    });
  };
}

/**
 * The requests of a connection that wait for their turn. Node's server limits the bytes of replies, which requests that wait do not have, so
 * that a client could fill the memory with requests behind a slow one. Therefore the connection is not read while too many wait.
 */
class Waiting {
  readonly #socket: Socket;
  readonly #requests: IncomingMessage[] = [];
  /** Memory of each request but the last, whose body may not have arrived. */
  readonly #sizes: number[] = [];
  #bytes = 0;
  #isPaused = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  add(request: IncomingMessage): void {
    const last = this.#requests.at(-1);
    if (last !== undefined) {
      const size = REQUEST_BYTES + last.readableLength;
      this.#sizes.push(size);
      this.#bytes += size;
    }
    this.#requests.push(request);
    if (this.#isPaused || this.#bytes <= MAX_WAITING_BYTES) return;
    this.#isPaused = true;
    this.#socket.on("resume", this.#pause);
    this.#pause();
  }

  removeFirst(): void {
    this.#requests.shift();
    this.#bytes -= this.#sizes.shift() ?? 0;
    if (!this.#isPaused || this.#bytes > MAX_WAITING_BYTES) return;
    this.#isPaused = false;
    this.#socket.off("resume", this.#pause);
    this.#socket.resume();
  }

  /** Each request that is read resumes the connection. */
  #pause = (): void => void this.#socket.pause();
}
