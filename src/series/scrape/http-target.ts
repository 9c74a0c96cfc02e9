import { request } from "undici";
import { toMessage } from "../../kernel/errors.ts";
import { redactUrl, toBasicCredential } from "../../kernel/http-url.ts";
import type { Target } from "./target.ts";

export interface HttpTargetOptions {
  readonly job: string;
  /** http or https URL. A user and password in it are sent as basic authentication. */
  readonly url: string;
  /** Value of the Authorization header, for example `Bearer KEY`. */
  readonly authorization?: string;
  /** Maximum size of a response in bytes; default 16 MiB. */
  readonly bodyLimit?: number;
}

const BODY_LIMIT = 16 * 2 ** 20;
const ACCEPT = "text/plain;version=0.0.4;q=1,*/*;q=0.1";

/** A target that is scraped over HTTP. Redirects are not followed. */
export function createHttpTarget(options: HttpTargetOptions): Target {
  const { job, bodyLimit = BODY_LIMIT } = options;
  const url = new URL(options.url);
  const authorization = options.authorization ?? toBasicCredential(url);
  url.username = "";
  url.password = "";
  const headers = {
    accept: ACCEPT,
    "accept-encoding": "identity",
    "user-agent": "tepal",
    ...(authorization !== undefined && { authorization }),
  };

  async function read(signal: AbortSignal): Promise<string> {
    const { statusCode, headers: replied, body } = await request(url, { headers, signal });
    // The rest of an unread body may fail later; that error has no receiver otherwise.
    body.on("error", () => {});
    try {
      if (statusCode !== 200) throw new Error(`the target responded with status ${statusCode}`);
      const type = String(replied["content-type"] ?? "");
      if (/openmetrics|protobuf/.test(type)) {
        throw new Error(`expected a response of type text/plain;version=0.0.4, got ${type}`);
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > bodyLimit) throw new Error(`the response is larger than ${bodyLimit} bytes`);
        chunks.push(chunk);
      }
      return decodeText(Buffer.concat(chunks));
    } finally {
      body.destroy();
    }
  }

  // An IPv6 address has brackets in both.
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return { job, instance: `${url.hostname}:${port}`, url: redactUrl(url), read };
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new Error(`the response is not UTF-8: ${toMessage(error)}`, { cause: error });
  }
}
