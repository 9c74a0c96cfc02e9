import type { OptionDeclarations } from "../../kernel/options.ts";
import { LOAD_PAGE_OPTIONS } from "./load-page-options.ts";

/** What `tepal up` can be told of the load test's page beside the API; besides, `--no-load`. */
export const UP_OPTIONS = {
  loadPort: {
    ...LOAD_PAGE_OPTIONS.webPort,
    help: "Port of the load test's page, on this machine alone; 0 takes a free one",
  },
  loadScript: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "Its script; without it that of the Iris example",
  },
  loadKeyFile: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "Key that it sends to an API with --api-keys-file; the role load is right",
  },
} as const satisfies OptionDeclarations;
