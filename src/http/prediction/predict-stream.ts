import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../kernel/clock.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { createRowStream, type RowStream } from "../../serving/row-stream.ts";
import type { Predictor } from "../../serving/serving.ts";
import { parseContentCoding, unpackStream } from "../body/content-coding.ts";
import type { AppParts } from "../http.ts";
import { chooseReplyFormat, toRowFormat } from "../body/stream-formats.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Bytes of the body of a reply that is sent as a stream; −1 for any other. */
    sentBytes: number;
  }
}

/** How long the event loop may be held at a time; and the pieces of the input that keep to it. */
const SLICE_SECONDS = 0.002;
const FIRST_SLICE_BYTES = 4_096;
const MIN_SLICE_BYTES = 256;
const MAX_SLICE_BYTES = 64 * 1024;
/** How long the rest of an upload that nobody wants is read, so that its client sees the reply. */
const LINGER_SECONDS = 5;

type Parts = Pick<AppParts, "options" | "clock" | "liveStreams" | "logger" | "isDraining">;

/**
 * Answers a request whose body is a stream of rows: predictions are sent while rows still come, and no more is read than
 * the client takes. What goes wrong before the first bytes of the reply is a problem like any other; what goes wrong
 * afterwards ends the connection, so that nobody takes a part for the whole.
 *
 * @param onBadRow what the request asks for; undefined leaves it to the server's option
 * @param onError told the code of each bad row
 */
export async function answerStream(
  request: FastifyRequest,
  reply: FastifyReply,
  predictor: Predictor,
  { options, clock, liveStreams, logger, isDraining }: Parts,
  onBadRow: "skip" | "stop" | undefined,
  onError: (code: string) => void,
): Promise<FastifyReply> {
  const { raw, headers } = request;
  const input = toRowFormat(headers["content-type"]) ?? "csv";
  const { format, contentType } = chooseReplyFormat(headers.accept, input);
  const rows = createRowStream(predictor, {
    input,
    output: format,
    onBadRow: onBadRow ?? options.onBadRow,
    onError,
  });

  const idle = Promise.withResolvers<never>();
  liveStreams.begin(raw, reply.raw, () => {
    if (reply.raw.headersSent) {
      logger.info({ id: request.id }, "a stream stood still for too long; closing its connection");
      reply.raw.destroy();
    } else idle.reject(new TepalError("REQUEST_TIMEOUT", "Nothing came of the body for too long"));
  });
  const release = predictor.hold();
  reply.raw.once("close", release);
  reply.raw.once("finish", () => {
    // A client may send on after the last line it gets; what it sends is no request.
    if (!raw.complete) linger(raw);
    else if (isDraining()) raw.socket.destroySoon();
  });

  const texts = predictInSlices(openBody(request, options.unpackedLimit), rows, clock);
  const first = await Promise.race([texts.next(), idle.promise]);
  if (rows.firstError !== undefined) throw rows.firstError;
  request.sentBytes = 0;
  void reply.header("content-type", contentType);
  const body = Readable.from(encode(request, first.value ?? "", texts));
  body.on("error", (error) => {
    const broken = toMessage(error);
    logger.info({ id: request.id }, `a stream ended in the midst, and its connection: ${broken}`);
  });
  return reply.send(body);
}

/** The bytes of the body, unpacked, and counted as they were received. */
function openBody(request: FastifyRequest, limit: number): AsyncIterable<Buffer> {
  const { raw, headers } = request;
  const coding = parseContentCoding(headers["content-encoding"]);
  request.bodyBytes = 0;
  if (coding === undefined) return countBytes(request);
  const bytes = unpackStream(raw, coding, limit);
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

/** Predicts in slices of about two milliseconds and lets others have their turn between them. */
async function* predictInSlices(
  bytes: AsyncIterable<Buffer>,
  rows: RowStream,
  clock: Clock,
): AsyncGenerator<string> {
  let sliceBytes = FIRST_SLICE_BYTES;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length;) {
      const begun = clock.monotonicSeconds();
      const text = rows.push(chunk.subarray(at, at + sliceBytes));
      const spent = clock.monotonicSeconds() - begun;
      at += sliceBytes;
      const factor = spent > SLICE_SECONDS ? 0.5 : spent < SLICE_SECONDS / 4 ? 2 : 1;
      sliceBytes = Math.min(MAX_SLICE_BYTES, Math.max(MIN_SLICE_BYTES, sliceBytes * factor));
      if (text !== "") yield text;
      if (rows.isStopped) return;
      await nextTurn();
    }
  }
  yield rows.end();
}

async function* encode(
  request: FastifyRequest,
  first: string,
  rest: AsyncIterable<string>,
): AsyncGenerator<Buffer> {
  const toBytes = (text: string): Buffer => {
    const bytes = Buffer.from(text);
    request.sentBytes += bytes.length;
    return bytes;
  };
  if (first !== "") yield toBytes(first);
  for await (const text of rest) if (text !== "") yield toBytes(text);
}

/** Reads and drops what still comes; closing at once would make the client's system drop the reply unread. */
function linger(raw: FastifyRequest["raw"]): void {
  const { socket } = raw;
  const timer = setTimeout(() => socket.destroy(), LINGER_SECONDS * 1_000);
  timer.unref();
  raw.once("end", () => clearTimeout(timer));
  socket.once("close", () => clearTimeout(timer));
  raw.resume();
}
