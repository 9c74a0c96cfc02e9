import { Readable } from "node:stream";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../kernel/clock.ts";
import { REQUEST_ERRORS, TepalError, toMessage } from "../../kernel/errors.ts";
import type { RowStreamOptions } from "../../serving/row-groups.ts";
import { createRemoteRowStream, type RemoteRowStream } from "../../serving/remote-row-stream.ts";
import { createRowStream, type RowStream } from "../../serving/row-stream.ts";
import type { AnyPredictor } from "../../serving/serving.ts";
import { parseContentCoding, decompressStream } from "../body/content-coding.ts";
import type { AppParts } from "../http.ts";
import { chooseReplyFormat, toRowFormat } from "../body/stream-formats.ts";
import { toRequestResult } from "./input-errors.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Bytes of the body of a streamed reply; −1 for other replies. */
    sentBytes: number;
    /** The status of a request that failed after its reply had begun; null for others. */
    failedStatus: number | null;
    /** True for a streamed upload. */
    isStream: boolean;
  }
}

/** The longest time that one slice may block the event loop, and the sizes of slices that keep within it. */
const SLICE_SECONDS = 0.002;
const FIRST_SLICE_BYTES = 4_096;
const MIN_SLICE_BYTES = 256;
const MAX_SLICE_BYTES = 64 * 1024;
/** The time for which the rest of a rejected upload is read, so that its client sees the reply. */
const LINGER_SECONDS = 5;

type Parts = Pick<AppParts, "options" | "clock" | "liveStreams" | "logger" | "isDraining">;

/**
 * Predicts a body that is a stream of rows. Predictions are sent while rows still arrive, and rows are read no faster than the
 * client reads the reply. An error before the first bytes of the reply is sent as problem details; a later error closes the
 * connection, so that no client takes a part of the reply for the whole.
 *
 * @param onBadRow the request's choice; undefined for the server's option
 * @param onError called with the code of each bad row
 */
export async function predictStream(
  request: FastifyRequest,
  reply: FastifyReply,
  predictor: AnyPredictor,
  { options, clock, liveStreams, logger, isDraining }: Parts,
  onBadRow: "skip" | "stop" | undefined,
  onError: (code: string) => void,
): Promise<FastifyReply> {
  request.isStream = true;
  const { raw, headers } = request;
  const input = toRowFormat(headers["content-type"]) ?? "csv";
  const { format, contentType } = chooseReplyFormat(headers.accept, input);
  const streamOptions: RowStreamOptions = {
    input,
    output: format,
    onBadRow: onBadRow ?? options.onBadRow,
    onError: (code) => {
      // A first row that ends the stream is the error of the request, which its route counts.
      if (!rows.isStopped || rows.counts.rows > 1) onError(code);
    },
  };
  const rows =
    predictor.engine === "tepal"
      ? createRowStream(predictor, streamOptions)
      : createRemoteRowStream(predictor, streamOptions);

  const idle = Promise.withResolvers<never>();
  liveStreams.begin(raw, reply.raw, () => {
    if (reply.raw.headersSent) {
      logger.info({ id: request.id }, "stream was idle for too long; closing its connection");
      request.failedStatus = REQUEST_ERRORS.REQUEST_TIMEOUT.status;
      reply.raw.destroy();
    } else {
      const message = `Expected a byte of the body within ${options.requestTimeout} s (--request-timeout), got none.`;
      idle.reject(new TepalError("REQUEST_TIMEOUT", message));
    }
  });
  const release = predictor.hold();
  reply.raw.once("close", release);
  reply.raw.once("finish", () => {
    // A client may continue to send after the last line of the reply; that is not another request.
    if (!raw.complete) linger(raw);
    else if (isDraining()) raw.socket.destroySoon();
  });

  const lines = predictInSlices(openBody(request, options.unpackedLimit), rows, clock);
  const first = await Promise.race([lines.next(), idle.promise]);
  if (rows.firstError !== undefined) throw rows.firstError;
  request.sentBytes = 0;
  void reply.header("content-type", contentType);
  const body = Readable.from(countSent(request, first.value, lines));
  body.once("end", () => predictor.requests.count("success"));
  body.on("error", (error) => {
    logger.info({ id: request.id }, `stream failed; closing its connection: ${toMessage(error)}`);
    // An error of the input, and not of a client that has left.
    if (!(error instanceof TepalError)) return;
    request.failedStatus = error.status;
    onError(error.code);
    const result = toRequestResult(error);
    if (result !== undefined) predictor.requests.count(result);
  });
  return reply.send(body);
}

/** Returns the decompressed bytes of the body. `bodyBytes` counts those received. */
function openBody(request: FastifyRequest, limit: number): AsyncIterable<Buffer> {
  const { raw, headers } = request;
  const coding = parseContentCoding(headers["content-encoding"]);
  request.bodyBytes = 0;
  if (coding === undefined) return countBytes(request);
  const bytes = decompressStream(raw, coding, limit);
  raw.on("data", (chunk: Buffer) => (request.bodyBytes += chunk.length));
  raw.pause();
  return bytes;
}

async function* countBytes(request: FastifyRequest): AsyncGenerator<Buffer> {
  for await (const chunk of request.raw.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    request.bodyBytes += chunk.length;
    yield chunk;
  }
}

/** Predicts in slices of about two milliseconds, and yields to the event loop between them. */
async function* predictInSlices(
  bytes: AsyncIterable<Buffer>,
  rows: RowStream | RemoteRowStream,
  clock: Clock,
): AsyncGenerator<Buffer> {
  let sliceBytes = FIRST_SLICE_BYTES;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length;) {
      const begun = clock.monotonicSeconds();
      const pushed = rows.push(chunk.subarray(at, at + sliceBytes));
      // If another process predicts, a slice is only decoded here.
      const spent = clock.monotonicSeconds() - begun;
      const output = await pushed;
      at += sliceBytes;
      const factor = spent > SLICE_SECONDS ? 0.5 : spent < SLICE_SECONDS / 4 ? 2 : 1;
      sliceBytes = Math.min(MAX_SLICE_BYTES, Math.max(MIN_SLICE_BYTES, sliceBytes * factor));
      if (output.length > 0) yield output;
      if (rows.isStopped) return;
      await yieldToEventLoop();
    }
  }
  yield await rows.end();
}

/** Yields the lines of a reply, and counts their bytes. */
async function* countSent(
  request: FastifyRequest,
  first: Buffer | undefined,
  rest: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  if (first !== undefined && first.length > 0) {
    request.sentBytes += first.length;
    yield first;
  }
  for await (const lines of rest) {
    if (lines.length === 0) continue;
    request.sentBytes += lines.length;
    yield lines;
  }
}

/** Reads and drops the rest of the body: if the connection were closed at once, the client would lose the reply. */
function linger(raw: FastifyRequest["raw"]): void {
  const { socket } = raw;
  const timer = setTimeout(() => socket.destroy(), LINGER_SECONDS * 1_000);
  timer.unref();
  raw.once("end", () => clearTimeout(timer));
  socket.once("close", () => clearTimeout(timer));
  raw.resume();
}
