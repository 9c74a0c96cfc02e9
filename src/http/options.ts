import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { findOriginFault } from "./access/origin.ts";

export const HTTP_OPTIONS = {
  host: {
    type: "text",
    placeholder: "ADDRESS",
    default: "127.0.0.1",
    help: "Address to listen on; 0.0.0.0 is every network interface, and wants --api-keys-file",
  },
  port: {
    type: "integer",
    default: 8000,
    min: 0,
    max: 65_535,
    help: "Port to listen on; 0 takes a free one",
  },
  apiKeysFile: {
    type: "optional text",
    placeholder: "FILE",
    default: null,
    help: "Keys that clients must send, made with `tepal keys add`; without it nothing asks who calls",
  },
  openDocs: {
    type: "switch",
    default: false,
    help: "Shows /docs and /openapi.json without a key, where keys are asked for",
  },
  corsOrigins: {
    type: "list",
    placeholder: "ORIGIN",
    default: [],
    findFault: findOriginFault,
    help: "Origins whose pages may ask from a browser, such as https://shop.example; * is any; without it none",
  },
  tlsCert: {
    type: "optional text",
    placeholder: "FILE",
    default: null,
    help: "Certificate chain in PEM: the server then speaks HTTPS; needs --tls-key; read again on SIGHUP",
  },
  tlsKey: {
    type: "optional text",
    placeholder: "FILE",
    default: null,
    help: "The certificate's private key in PEM",
  },
  bodyLimit: {
    type: "integer",
    default: 16_777_216,
    min: 1_024,
    max: 1_073_741_824,
    help: "Largest request body in bytes; a larger one is refused with status 413",
  },
  unpackedLimit: {
    type: "integer",
    default: 17_179_869_184,
    min: 1_024,
    max: Number.MAX_SAFE_INTEGER,
    help: "Bytes that a compressed stream of rows may unpack to; a larger one is refused or cut off",
  },
  onBadRow: {
    type: "choice",
    choices: ["skip", "stop"],
    default: "skip",
    help: "What a bad row of a stream does: it has an error line and the stream goes on, or ends there",
  },
  requestTimeout: {
    type: "number",
    default: 30,
    min: 0.1,
    max: 86_400,
    help: "Seconds that a request may take to arrive, or a stream of rows stand still, else status 408; who takes nothing of a reply for twice as long loses it",
  },
  rateLimit: {
    type: "integer",
    default: 0,
    min: 0,
    max: 10_000_000,
    help: "Requests per second of one key, or address, above which status 429 is answered; 0 is no limit",
  },
  maxInFlight: {
    type: "integer",
    default: 1_000,
    min: 1,
    max: 1_000_000,
    help: "Requests at once above which new predictions are refused with status 503",
  },
  maxEventLoopLag: {
    type: "number",
    default: 1,
    min: 0.01,
    max: 3_600,
    help: "Seconds that the event loop may be late before new predictions are refused with status 503",
  },
} as const satisfies OptionDeclarations;

export type HttpOptions = OptionValues<typeof HTTP_OPTIONS>;
