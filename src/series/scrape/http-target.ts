import { request } from "undici";
import { toMessage } from "../../kernel/errors.ts";
import { toBasicCredential } from "../http-address.ts";
import type { Target } from "./target.ts";

export interface HttpTargetOptions {
  readonly job: string;
  /** http or https; a user and password in it are sent as a basic credential. */
  readonly url: string;
  /** The value of an Authorization header, such as `Bearer KEY`. */
  readonly authorization?: string;
  /** Largest body in bytes; default 16 MiB. */
  readonly bodyLimit?: number;
}

const BODY_LIMIT = 16 * 2 ** 20;
const ACCEPT = "text/plain;version=0.0.4;q=1,*/*;q=0.1";

/** A target that is read over HTTP. Redirects are not followed. */
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
    // What is left of a body that is not read to its end may not fail unheard.
    body.on("error", () => {});
    try {
      if (statusCode !== 200) throw new Error(`the target answered with status ${statusCode}`);
      const type = String(replied["content-type"] ?? "");
      if (/openmetrics|protobuf/.test(type)) {
        throw new Error(`the target answered with ${type}; text/plain;version=0.0.4 is expected`);
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > bodyLimit) throw new Error(`the body is longer than ${bodyLimit} bytes`);
        chunks.push(chunk);
      }
      return decodeText(Buffer.concat(chunks));
    } finally {
      body.destroy();
    }
  }

  // An IPv6 address stands in brackets in both.
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return { job, instance: `${url.hostname}:${port}`, url: url.href, read };
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new Error(`the body is not UTF-8: ${toMessage(error)}`, { cause: error });
  }
}
