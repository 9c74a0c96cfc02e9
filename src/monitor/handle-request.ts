import { gzipSync } from "node:zlib";
import { TepalError } from "../kernel/errors.ts";
import type { ApiParts } from "./api/api.ts";
import { ENDPOINTS } from "./api/endpoints.ts";
import { isExpected, toFailure, toSuccess, type PlainReply } from "./api/envelope.ts";
import { findEndpoint } from "./api/query-endpoints.ts";
import type { ApiRequest } from "./monitor.ts";

/** Below this, compression saves nothing. */
const MIN_COMPRESSED_BYTES = 1_024;
/** The lowest level: series compress well at it, and it takes the least time of the thread. */
const GZIP_LEVEL = 1;

/** A reply whose body has a buffer of its own, which can be transferred. */
export interface TransferableReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly gzip: boolean;
}

/**
 * Handles a request to the API.
 * @param onUnexpectedError called with errors that are not the client's
 */
export function handleRequest(
  parts: ApiParts,
  request: ApiRequest,
  waitedSeconds: number,
  onUnexpectedError: (error: unknown) => void,
): TransferableReply {
  const reply = run(parts, request, waitedSeconds, onUnexpectedError);
  if (!request.gzip || reply.body.length < MIN_COMPRESSED_BYTES) return { ...reply, gzip: false };
  // A copy with a buffer of its own, because zlib may return a part of a pooled one.
  const body = Uint8Array.from(gzipSync(reply.body, { level: GZIP_LEVEL }));
  return { ...reply, body, gzip: true };
}

function run(
  parts: ApiParts,
  { path, parameters }: ApiRequest,
  waitedSeconds: number,
  onUnexpectedError: (error: unknown) => void,
): PlainReply {
  try {
    const found = findEndpoint(path, ENDPOINTS);
    if (found === undefined) throw new TepalError("NOT_FOUND", `There is no endpoint ${path}`);
    const { endpoint, name } = found;
    const call = { parameters: new URLSearchParams(parameters), name, waitedSeconds };
    return toSuccess(endpoint(parts, call));
  } catch (error) {
    if (!isExpected(error)) onUnexpectedError(error);
    return toFailure(error);
  }
}
