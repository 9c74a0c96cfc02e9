import { RECEIVER_URL } from "../../alerts/options.ts";
import type { OptionDeclarations } from "../../kernel/options.ts";

export const HEADERS_OPTION = "--remote-write-headers-file";

export const REMOTE_WRITE_OPTIONS = {
  remoteWrite: {
    type: "optional string",
    placeholder: "URL",
    default: null,
    value: RECEIVER_URL,
    help: "URL that the monitor sends its samples to (Prometheus remote write)",
  },
  remoteWriteHeadersFile: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "File with HTTP headers for --remote-write, one per line, for credentials",
  },
} as const satisfies OptionDeclarations;
