import { baseUrl, custom, refine, string } from "../kernel/check/values.ts";
import { parseNetwork } from "../kernel/ip-address.ts";
import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { findOriginProblem } from "./access/web-origin.ts";

const HOST_NAME = /^(?:\*|\[[\da-f:.]+\]|[\w-]+(?:\.[\w-]+)*)$/i;

export const HTTP_OPTIONS = {
  host: {
    type: "string",
    placeholder: "ADDRESS",
    default: "127.0.0.1",
    help: "IP address to listen on (0.0.0.0 = all interfaces; use --api-keys-file)",
  },
  port: {
    type: "integer",
    default: 8000,
    min: 0,
    max: 65_535,
    help: "Port to listen on (0 = any free port)",
  },
  allowedHosts: {
    type: "list",
    placeholder: "NAME",
    default: [],
    item: custom(
      "a host name without scheme and port, for example api.example",
      (given) => (typeof given === "string" && HOST_NAME.test(given) ? given : undefined),
      "* stands for all names.",
    ),
    help: "Names of the server in the Host header besides the machine's",
  },
  externalUrl: {
    type: "optional string",
    placeholder: "URL",
    default: null,
    value: baseUrl(),
    help: "URL of the server for clients, with any path that proxies strip",
  },
  trustProxy: {
    type: "list",
    placeholder: "ADDRESS",
    default: [],
    item: custom(
      "an IP address or a network, for example 10.0.0.0/8",
      (given) =>
        typeof given === "string" && parseNetwork(given) !== undefined ? given : undefined,
      "Names are not accepted.",
    ),
    help: "Proxies whose X-Forwarded-For names the client: IP addresses or networks",
  },
  prometheusUrl: {
    type: "optional string",
    placeholder: "URL",
    default: null,
    value: baseUrl(),
    help: "Prometheus whose API is served under /prometheus, and shown by the console",
  },
  prometheusHeadersFile: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "File with HTTP headers for --prometheus-url, one per line, for credentials",
  },
  apiKeysFile: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "API keys that clients must send, created with `tepal keys add`",
  },
  openDocs: {
    type: "switch",
    default: false,
    help: "Serve /openapi.json, which /docs shows, without an API key",
  },
  dashboards: {
    type: "optional string",
    placeholder: "DIR",
    default: null,
    help: "Folder with more Grafana dashboards (JSON files) for the console",
  },
  referenceRows: {
    type: "switch",
    default: true,
    help: "Serve no training rows, to the console or to `load --init`",
  },
  corsOrigins: {
    type: "list",
    placeholder: "ORIGIN",
    default: [],
    item: refine(string(), findOriginProblem),
    help: "Origins whose pages may send requests (* = all), for example https://shop.example",
  },
  tlsCert: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "Certificate chain in PEM for HTTPS, reloaded when it changes; requires --tls-key",
  },
  tlsKey: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "Private key of --tls-cert in PEM",
  },
  bodyLimit: {
    type: "integer",
    default: 1_048_576,
    min: 1_024,
    max: 1_073_741_824,
    help: "Maximum bytes of a JSON body, also after decompression",
  },
  batchLimit: {
    type: "integer",
    default: 16_777_216,
    min: 1_024,
    max: 1_073_741_824,
    help: "Maximum bytes of a JSON batch, also after decompression",
  },
  bodyMemory: {
    type: "integer",
    default: 67_108_864,
    min: 1_024,
    max: Number.MAX_SAFE_INTEGER,
    help: "Maximum bytes of unread JSON bodies; more get status 503",
  },
  unpackedLimit: {
    type: "integer",
    default: 17_179_869_184,
    min: 1_024,
    max: Number.MAX_SAFE_INTEGER,
    help: "Maximum bytes of a compressed stream of rows after decompression",
  },
  onBadRow: {
    type: "choice",
    choices: ["skip", "stop"],
    default: "skip",
    help: "Skip bad rows of a stream, or stop at the first",
  },
  fastPath: {
    type: "switch",
    default: true,
    help: "Read every request with Node's HTTP parser (slower predictions)",
  },
  requestTimeout: {
    type: "number",
    default: 30,
    min: 0.1,
    max: 86_400,
    help: "Seconds until a slow request or an idle stream gets status 408",
  },
  rateLimit: {
    type: "integer",
    default: 0,
    min: 0,
    max: 10_000_000,
    help: "Requests per second and API key or IP address (0 = unlimited)",
  },
  loadPage: {
    type: "optional string",
    placeholder: "URL",
    default: null,
    value: baseUrl(),
    help: "Load page that the console shows; `tepal up` sets its own",
  },
  loadPageKeyFile: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "File with the key of --load-page (its --web-key-file)",
  },
  maxInFlight: {
    type: "integer",
    default: 1_000,
    min: 1,
    max: 1_000_000,
    help: "Requests in flight above which predictions get status 503",
  },
  maxEventLoopLag: {
    type: "number",
    default: 1,
    min: 0.01,
    max: 3_600,
    help: "Event loop lag in seconds above which predictions get status 503",
  },
} as const satisfies OptionDeclarations;

export type HttpOptions = OptionValues<typeof HTTP_OPTIONS>;
