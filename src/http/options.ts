import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";

export const HTTP_OPTIONS = {
  host: {
    type: "text",
    placeholder: "ADDRESS",
    default: "127.0.0.1",
    help: "Address to listen on; 0.0.0.0 is every network interface, and nothing asks who calls",
  },
  port: {
    type: "integer",
    default: 8000,
    min: 0,
    max: 65_535,
    help: "Port to listen on; 0 takes a free one",
  },
  bodyLimit: {
    type: "integer",
    default: 16_777_216,
    min: 1_024,
    max: 1_073_741_824,
    help: "Largest request body in bytes; a larger one is refused with status 413",
  },
  requestTimeout: {
    type: "number",
    default: 30,
    min: 0.1,
    max: 86_400,
    help: "Seconds that a request may take to arrive; a slower one is refused with status 408",
  },
  rateLimit: {
    type: "integer",
    default: 0,
    min: 0,
    max: 10_000_000,
    help: "Requests per second from one address above which status 429 is answered; 0 is no limit",
  },
} as const satisfies OptionDeclarations;

export type HttpOptions = OptionValues<typeof HTTP_OPTIONS>;
