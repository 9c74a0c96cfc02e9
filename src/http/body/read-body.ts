import type { FastifyRequest } from "fastify";
import type { Clock } from "../../kernel/clock.ts";
import { TepalError } from "../../kernel/errors.ts";
import type { Coding } from "../../kernel/decompress.ts";
import { FREE_BODY_BYTES, type BodyMemory, type BodyShare } from "../limits/body-memory.ts";
import type { Turns } from "../limits/turns.ts";
import type { WorkLimits } from "../limits/work-limits.ts";
import { decompressStream } from "./content-coding.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Time at which its whole body had arrived, on the clock for durations. */
    arrivedSeconds: number;
    /** Time at which its turn to be decoded came. */
    startedSeconds: number;
  }
}

/**
 * Reads a whole body and uses it.
 *
 * @param limit largest size in bytes, also after decompression
 * @param use parses the body, synchronously: its memory counts until then
 * @throws TepalError BODY_TOO_LARGE; MALFORMED_REQUEST for damaged compressed data; OVERLOADED if the bodies of all requests need too much
 *   memory; the errors of `use`
 */
export type ReadBody = <T>(
  request: FastifyRequest,
  options: { readonly limit: number; readonly coding?: Coding | undefined },
  use: (body: Buffer) => T,
) => Promise<T>;

/** Creates the function that reads all bodies that routes need as a whole. */
export function createBodyReader(
  memory: BodyMemory,
  turns: Turns,
  limits: WorkLimits,
  clock: Clock,
): ReadBody {
  return async (request, { limit, coding }, use) => {
    const { raw } = request;
    const share = memory.open();
    try {
      const body = new GrowingBody(share, limits);
      let received = 0;
      if (coding === undefined) {
        for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
          if (!Buffer.isBuffer(chunk)) continue;
          if (body.length + chunk.length > limit) throw toTooLarge(limit);
          body.add(chunk);
        }
        received = body.length;
      } else {
        const bytes = decompressStream(raw, coding, limit);
        raw.on("data", (chunk: Buffer) => (received += chunk.length));
        raw.pause();
        for await (const chunk of bytes) body.add(chunk);
      }
      request.bodyBytes = received;
      request.arrivedSeconds = clock.monotonicSeconds();
      request.startedSeconds = request.arrivedSeconds;
      if (body.length > FREE_BODY_BYTES) {
        await turns.next();
        request.startedSeconds = clock.monotonicSeconds();
      }
      if (raw.socket.destroyed)
        throw new TepalError("CANCELLED", "The client has closed the connection.");
      return use(body.take());
    } finally {
      share.close();
    }
  };
}

/** Smallest buffer of a body that arrives in several chunks. */
const FIRST_BYTES = 4_096;

/**
 * Collects the chunks of a body in one buffer. A list of chunks would cost a hundred bytes for each, and a client may send chunks of one
 * byte.
 */
class GrowingBody {
  length = 0;
  readonly #share: BodyShare;
  readonly #limits: WorkLimits;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(share: BodyShare, limits: WorkLimits) {
    this.#share = share;
    this.#limits = limits;
  }

  add(chunk: Buffer): void {
    const needed = this.length + chunk.length;
    if (this.length === 0) {
      // Most bodies are one chunk, which needs no copy.
      this.#reserve(needed);
      this.#buffer = chunk;
    } else {
      if (needed > this.#buffer.length || this.length === this.#buffer.length) this.#grow(needed);
      chunk.copy(this.#buffer, this.length);
    }
    this.length = needed;
  }

  /** Returns the body. */
  take(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  #grow(needed: number): void {
    const size = Math.max(FIRST_BYTES, needed, 2 * this.#buffer.length);
    this.#reserve(size);
    const larger = Buffer.allocUnsafeSlow(size);
    this.#buffer.copy(larger, 0, 0, this.length);
    this.#buffer = larger;
  }

  #reserve(bytes: number): void {
    if (!this.#share.resize(bytes)) throw this.#limits.rejectBody();
  }
}

/** Returns the error of a request whose head states a body that is larger than the limit. */
export function checkLength(
  { headers }: Pick<FastifyRequest, "headers">,
  limit: number,
): TepalError | undefined {
  return Number(headers["content-length"] ?? 0) > limit ? toTooLarge(limit) : undefined;
}

/** Makes the error of a body that is larger than the limit. */
function toTooLarge(limit: number): TepalError {
  return new TepalError(
    "BODY_TOO_LARGE",
    `Body: Expected at most ${limit} bytes, got more. Send fewer rows, or a stream of rows to /predict/batch.`,
  );
}
