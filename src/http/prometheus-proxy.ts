import { Agent, request } from "undici";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { readHeadersFile } from "../kernel/headers-file.ts";
import type { MonitorApi, MonitorReply, MonitorRequest } from "./http.ts";
import type { HttpOptions } from "./options.ts";

/** The API of a Prometheus, in the place of the built-in monitor's. */
export interface PrometheusProxy extends MonitorApi {
  /** Ends all requests. */
  close(): Promise<void>;
}

export interface ProxyLimits {
  /** Prometheus's own default for a query is 120 s. */
  readonly timeoutSeconds: number;
  /** Bytes of a reply, compressed if Prometheus compresses it. */
  readonly maxBytes: number;
}

const LIMITS: ProxyLimits = { timeoutSeconds: 130, maxBytes: 67_108_864 };
const CONNECT_SECONDS = 10;
/** Further requests wait for one of these, so that replies hold a bounded amount of memory. */
const MAX_CONNECTIONS = 8;
/** Longer requests are sent as a form. */
const MAX_URL = 4_096;
const HEADERS_OPTION = "--prometheus-headers-file";

/** The endpoints that read and change nothing; those for which Prometheus also accepts a form. */
const READ =
  /^(?:targets(?:\/metadata|\/relabel_steps)?|scrape_pools(?:\/config)?|metadata|rules|alerts|alertmanagers|features|notifications|status\/[\w/]+|label\/[^/]+\/values)$/;
const READ_BY_FORM =
  /^(?:query|query_range|query_exemplars|format_query|parse_query|labels|series)$/;

/**
 * Opens the Prometheus of `--prometheus-url`; undefined without it.
 *
 * @throws TepalError INVALID_OPTION for the file of headers
 */
export async function openPrometheus(
  {
    prometheusUrl,
    prometheusHeadersFile,
  }: Pick<HttpOptions, "prometheusUrl" | "prometheusHeadersFile">,
  limits: ProxyLimits = LIMITS,
): Promise<PrometheusProxy | undefined> {
  if (prometheusUrl === null) return undefined;
  await readHeadersFile(HEADERS_OPTION, prometheusHeadersFile);
  return createPrometheusProxy(prometheusUrl, prometheusHeadersFile, limits);
}

function createPrometheusProxy(
  url: string,
  headersFile: string | null,
  limits: ProxyLimits,
): PrometheusProxy {
  const dispatcher = new Agent({
    connections: MAX_CONNECTIONS,
    connect: { timeout: CONNECT_SECONDS * 1_000 },
  });
  const name = `The Prometheus at ${url}`;

  async function send(
    path: string,
    { parameters, gzip }: Pick<MonitorRequest, "parameters" | "gzip">,
    isForm: boolean,
    signal: AbortSignal,
  ): Promise<MonitorReply & { readonly encoding: string }> {
    const { statusCode, headers, body } = await request(
      `${url}${path}${isForm || parameters === "" ? "" : `?${parameters}`}`,
      {
        method: isForm ? "POST" : "GET",
        headers: {
          accept: "application/json, text/plain",
          "user-agent": "tepal",
          ...(await readHeadersFile(HEADERS_OPTION, headersFile)),
          "accept-encoding": gzip ? "gzip" : "identity",
          ...(isForm && { "content-type": "application/x-www-form-urlencoded" }),
        },
        ...(isForm && { body: parameters }),
        dispatcher,
        signal,
      },
    );
    const encoding = String(headers["content-encoding"] ?? "identity");
    return {
      status: statusCode,
      contentType: String(headers["content-type"] ?? ""),
      body: await readBytes(body, limits.maxBytes),
      gzip: encoding === "gzip",
      encoding,
    };
  }

  return {
    async isReady() {
      const signal = AbortSignal.timeout(CONNECT_SECONDS * 1_000);
      return send("/-/ready", { parameters: "", gzip: false }, false, signal).then(
        ({ status }) => status === 200,
        () => false,
      );
    },
    async request(sent, left) {
      const isForm = READ_BY_FORM.test(sent.path) && sent.parameters.length > MAX_URL;
      const path = toPath(sent.path);
      if (path === undefined) return createError(404, "not_found", `${name} is read only.`);
      const timeout = AbortSignal.timeout(limits.timeoutSeconds * 1_000);
      const signal = left === undefined ? timeout : AbortSignal.any([timeout, left]);
      try {
        const { encoding, ...reply } = await send(path, sent, isForm, signal);
        if (encoding !== "gzip" && encoding !== "identity") {
          return createError(502, "unavailable", `${name} replied in the encoding ${encoding}.`);
        }
        return explain(reply, name, path, headersFile);
      } catch (error) {
        if (timeout.aborted) {
          const advice = "Select fewer series or a shorter range.";
          const message = `${name} did not reply within ${limits.timeoutSeconds} s. ${advice}`;
          return createError(504, "timeout", message);
        }
        if (error instanceof TooLarge) {
          const bytes = `${Math.round(limits.maxBytes / 1_048_576)} MiB`;
          const message = `The reply of Prometheus exceeds ${bytes}. Select fewer series or a longer step.`;
          return createError(502, "unavailable", message);
        }
        // The file of headers, which is read for each request.
        if (error instanceof TepalError) return createError(502, "unavailable", error.message);
        const advice = "Check that it runs, and --prometheus-url.";
        const message = `${name} is unreachable: ${toMessage(error)}. ${advice}`;
        return createError(502, "unavailable", message);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

/** Returns the path at Prometheus; undefined for one that is not read only. */
function toPath(path: string): string | undefined {
  if (path === "/federate") return path;
  if (!READ.test(path) && !READ_BY_FORM.test(path)) return undefined;
  return `/api/v1/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** Returns the reply of Prometheus, or an error instead of one that is not its API's. */
function explain(
  reply: MonitorReply,
  name: string,
  path: string,
  headersFile: string | null,
): MonitorReply {
  const { status, contentType } = reply;
  if (status === 401 || status === 403) {
    const file =
      headersFile === null
        ? `Write credentials into a file for ${HEADERS_OPTION}, for example Authorization: Bearer TOKEN.`
        : `Check the credentials in the file of ${HEADERS_OPTION}.`;
    return createError(
      502,
      "unavailable",
      `${name} replied that Tepal is unauthorized (status ${status}). ${file}`,
    );
  }
  const isFederation = path === "/federate" && contentType.startsWith("text/plain");
  if (/^application\/json\b/.test(contentType) || isFederation) return reply;
  if (status === 404) {
    return createError(404, "not_found", `${name} has no ${path}: its version may be too old.`);
  }
  const got = `status ${status}${contentType === "" ? "" : ` and ${contentType}`}`;
  return createError(
    502,
    "unavailable",
    `Expected a reply of the Prometheus HTTP API from ${name.slice("The ".length)}, got ${got}. Check --prometheus-url.`,
  );
}

class TooLarge extends Error {}

async function readBytes(body: AsyncIterable<Uint8Array>, max: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > max) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function createError(
  status: number,
  errorType: "not_found" | "timeout" | "unavailable",
  error: string,
): MonitorReply {
  return {
    status,
    contentType: "application/json; charset=utf-8",
    body: Buffer.from(JSON.stringify({ status: "error", errorType, error })),
    gzip: false,
  };
}
