import type { OptionDeclarations } from "../../kernel/options.ts";
import { LOAD_PAGE_OPTIONS } from "./load-page-options.ts";

/** Options of `tepal up` for the load page. The command also has `--no-load`. */
export const UP_OPTIONS = {
  loadPort: {
    ...LOAD_PAGE_OPTIONS.webPort,
    help: "Port of the load page on 127.0.0.1 (0 = any free port)",
  },
  loadScript: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "Load script (default: the Iris example)",
  },
  loadKeyFile: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "File with the API key of the load test (role load)",
  },
} as const satisfies OptionDeclarations;
