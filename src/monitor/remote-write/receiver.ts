import { Agent, request } from "undici";
import { toMessage } from "../../kernel/errors.ts";
import { readHeadersFile } from "../../kernel/headers-file.ts";
import { toBasicCredential } from "../../kernel/http-url.ts";
import { HEADERS_OPTION } from "./options.ts";
import type { WriteVersion } from "./remote-write.ts";

/** The server that gets the samples. */
export interface WriteReceiver {
  /** The URL without path, query and credentials, which may be secrets. For logs. */
  readonly origin: string;
  /** Never rejects. Resolves within the timeout. */
  post(body: Uint8Array, version: WriteVersion, signal: AbortSignal): Promise<WriteOutcome>;
  close(): Promise<void>;
}

export type WriteOutcome =
  /** @property isConfirmed false if a receiver of 2.0 would have counted the samples, and this one did not */
  | { readonly kind: "accepted"; readonly isConfirmed: boolean }
  /** A later attempt may succeed. @property waitSeconds 0 if the receiver does not state it */
  | { readonly kind: "failed"; readonly reason: string; readonly waitSeconds: number }
  /** Another attempt would get the same response. */
  | { readonly kind: "rejected"; readonly reason: string; readonly status: number };

const TIMEOUT_SECONDS = 30;
const MAX_RESPONSE_BYTES = 65_536;
/** Characters of a response that are logged. */
const MAX_REASON = 200;
const MAX_WAIT_SECONDS = 300;
const TOO_MANY_REQUESTS = 429;
const WRITTEN = "x-prometheus-remote-write-samples-written";

const HEADERS = {
  1: { "content-type": "application/x-protobuf", "x-prometheus-remote-write-version": "0.1.0" },
  2: {
    "content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request",
    "x-prometheus-remote-write-version": "2.0.0",
  },
} as const;

/** @param url http or https; user name and password in it become basic authentication */
export function createWriteReceiver(url: URL, headersFile: string | null): WriteReceiver {
  const authorization = toBasicCredential(url);
  const target = new URL(url);
  target.username = "";
  target.password = "";
  target.hash = "";
  const dispatcher = new Agent({ connect: { timeout: TIMEOUT_SECONDS * 1_000 } });
  return {
    origin: url.origin,
    async post(body, version, closing) {
      const signal = AbortSignal.any([closing, AbortSignal.timeout(TIMEOUT_SECONDS * 1_000)]);
      try {
        const own = await readHeadersFile(HEADERS_OPTION, headersFile);
        const response = await request(target, {
          method: "POST",
          headers: {
            "user-agent": "tepal",
            ...(authorization !== undefined && { authorization }),
            ...own,
            "content-encoding": "snappy",
            ...HEADERS[version],
          },
          body,
          dispatcher,
          signal,
        });
        const { statusCode: status, headers } = response;
        if (status >= 200 && status < 300) {
          await response.body.dump({ limit: MAX_RESPONSE_BYTES, signal });
          return { kind: "accepted", isConfirmed: headers[WRITTEN] !== undefined };
        }
        const reason = `status ${status}${await readReason(response.body)}`;
        if (status >= 500 || status === TOO_MANY_REQUESTS) {
          return { kind: "failed", reason, waitSeconds: toWait(headers["retry-after"]) };
        }
        return { kind: "rejected", reason, status };
      } catch (error) {
        const reason = toMessage(error).replaceAll(target.href, "the URL");
        return { kind: "failed", reason, waitSeconds: 0 };
      }
    },
    close: () => dispatcher.destroy(),
  };
}

/** Returns the first line of a response, which explains a rejection. */
async function readReason(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_RESPONSE_BYTES) break;
  }
  const [line = ""] = text.trim().split("\n");
  return line === "" ? "" : `: ${line.slice(0, MAX_REASON)}`;
}

/** Reads `Retry-After` in seconds. */
function toWait(header: string | string[] | undefined): number {
  const seconds = Number(header);
  return seconds > 0 ? Math.min(MAX_WAIT_SECONDS, seconds) : 0;
}
