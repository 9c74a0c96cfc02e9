import { gzipSync } from "node:zlib";
import { TepalError } from "../kernel/errors.ts";
import type { ApiParts } from "./api/api.ts";
import { findEndpoint } from "./api/endpoints.ts";
import { isExpected, toFailure, toSuccess } from "./api/envelope.ts";
import type { ApiRequest } from "./monitor.ts";

/** Packing less saves nothing. */
const LEAST_PACKED_BYTES = 1_024;
/** Series pack well at the lowest level, and the thread has other things to do. */
const GZIP_LEVEL = 1;

/** A reply whose bytes nobody else has. */
export interface OwnReply {
  readonly status: number;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly gzip: boolean;
}

/**
 * Answers a request to the API.
 * @param onFault is told what is no error of whoever asked
 */
export function answerRequest(
  parts: ApiParts,
  { path, parameters, gzip }: ApiRequest,
  waitedSeconds: number,
  onFault: (error: unknown) => void,
): OwnReply {
  const { status, body } = run();
  if (!gzip || body.length < LEAST_PACKED_BYTES) return { status, body, gzip: false };
  // A buffer of its own, and no part of a shared one, so that it can be handed over.
  return { status, body: Uint8Array.from(gzipSync(body, { level: GZIP_LEVEL })), gzip: true };

  function run(): ReturnType<typeof toSuccess> {
    try {
      const found = findEndpoint(path);
      if (found === undefined)
        throw new TepalError("NOT_FOUND", "there is nothing at this address");
      const { endpoint, name } = found;
      const call = { parameters: new URLSearchParams(parameters), name, waitedSeconds };
      return toSuccess(endpoint(parts, call));
    } catch (error) {
      if (!isExpected(error)) onFault(error);
      return toFailure(error);
    }
  }
}
