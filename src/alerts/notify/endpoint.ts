import { Agent, request } from "undici";
import { toMessage } from "../../kernel/errors.ts";
import { toBasicCredential } from "../../series/http-url.ts";

/** Somebody who takes JSON over HTTP. */
export interface Endpoint {
  /** For logs: the address without its path, query and password, which may be secrets. */
  readonly shown: string;
  /** Never rejects, and takes no longer than it may. */
  post(body: string): Promise<Outcome>;
  /** Ends what is being sent. */
  close(): Promise<void>;
}

export type Outcome =
  | { readonly kind: "taken" }
  /** May go well another time. */
  | { readonly kind: "failed"; readonly reason: string }
  /** Would not go better another time. */
  | { readonly kind: "refused"; readonly reason: string };

const SEND_SECONDS = 10;
/** Of a reply that nobody reads, apart from a few words for the log. */
const MAX_REPLY_BYTES = 65_536;
const TOO_MANY_REQUESTS = 429;

/**
 * @param url http or https; a name and a password in it are sent as basic authorisation
 * @param path behind the address's own
 * @param sendSeconds how long a message and its reply may take
 */
export function createEndpoint(url: URL, path = "", sendSeconds = SEND_SECONDS): Endpoint {
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
  const dispatcher = new Agent({ connect: { timeout: sendSeconds * 1_000 } });
  const closed = new AbortController();
  return {
    shown: url.origin,
    async post(body) {
      const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(sendSeconds * 1_000)]);
      try {
        const reply = await request(target, { method: "POST", headers, body, dispatcher, signal });
        const { statusCode } = reply;
        if (statusCode >= 200 && statusCode < 300) {
          await reply.body.dump({ limit: MAX_REPLY_BYTES, signal });
          return { kind: "taken" };
        }
        await reply.body.dump({ limit: MAX_REPLY_BYTES, signal });
        const retry = statusCode >= 500 || statusCode === TOO_MANY_REQUESTS;
        return { kind: retry ? "failed" : "refused", reason: `status ${statusCode}` };
      } catch (error) {
        return { kind: "failed", reason: hideAddress(toMessage(error), target) };
      }
    },
    async close() {
      closed.abort(new Error("closed"));
      await dispatcher.destroy();
    },
  };
}

function hideAddress(message: string, { href, pathname }: URL): string {
  const hidden = message.replaceAll(href, "the address");
  return pathname.length > 1 ? hidden.replaceAll(pathname, "/…") : hidden;
}
