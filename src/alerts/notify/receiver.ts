import { Agent, request } from "undici";
import { toMessage } from "../../kernel/errors.ts";
import { toBasicCredential } from "../../kernel/http-url.ts";

/** A webhook or an Alertmanager: accepts JSON over HTTP. */
export interface Receiver {
  /** The URL without path, query and credentials, which may be secrets. For logs. */
  readonly origin: string;
  /** Never rejects. Resolves within the timeout. */
  post(body: string): Promise<Outcome>;
  /** Aborts requests in flight. */
  close(): Promise<void>;
}

export type Outcome =
  | (Response & { readonly kind: "accepted" })
  /** A later attempt may succeed. */
  | (Response & { readonly kind: "failed"; readonly reason: string })
  /** Another attempt would get the same response. */
  | (Response & { readonly kind: "rejected"; readonly reason: string });

interface Response {
  /** Undefined without a response. */
  readonly status?: number;
  /** The start of its body. */
  readonly body?: string;
}

const TIMEOUT_SECONDS = 10;
/** A longer response body closes the connection. */
const MAX_RESPONSE_BYTES = 65_536;
const MAX_BODY_CHARACTERS = 1_000;
const TOO_MANY_REQUESTS = 429;

/**
 * @param url http or https; user name and password in it become basic authentication
 * @param path appended to the path of the URL
 * @param timeoutSeconds limit for the request and its response
 */
export function createReceiver(url: URL, path = "", timeoutSeconds = TIMEOUT_SECONDS): Receiver {
  const authorization = toBasicCredential(url);
  const headers = {
    "content-type": "application/json",
    "user-agent": "tepal",
    ...(authorization !== undefined && { authorization }),
  };
  const target = new URL(url);
  target.username = "";
  target.password = "";
  target.hash = "";
  if (path !== "") target.pathname = `${url.pathname.replace(/\/$/, "")}${path}`;
  const dispatcher = new Agent({ connect: { timeout: timeoutSeconds * 1_000 } });
  const closed = new AbortController();
  return {
    origin: url.origin,
    async post(body) {
      const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(timeoutSeconds * 1_000)]);
      try {
        const response = await request(target, {
          method: "POST",
          headers,
          body,
          dispatcher,
          signal,
        });
        const { statusCode: status } = response;
        return { ...toOutcome(status), status, body: await readStart(response.body) };
      } catch (error) {
        return { kind: "failed", reason: hideUrl(toMessage(error), target) };
      }
    },
    async close() {
      closed.abort(new Error("closed"));
      await dispatcher.destroy();
    },
  };
}

async function readStart(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_RESPONSE_BYTES) break;
  }
  return Buffer.concat(chunks).toString().slice(0, MAX_BODY_CHARACTERS);
}

function toOutcome(status: number): Outcome {
  if (status >= 200 && status < 300) return { kind: "accepted" };
  const canRetry = status >= 500 || status === TOO_MANY_REQUESTS;
  return { kind: canRetry ? "failed" : "rejected", reason: `status ${status}` };
}

function hideUrl(message: string, { href, pathname }: URL): string {
  const hidden = message.replaceAll(href, "the URL");
  return pathname.length > 1 ? hidden.replaceAll(pathname, "/…") : hidden;
}
