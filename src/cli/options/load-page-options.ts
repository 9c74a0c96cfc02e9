import type { OptionDeclarations } from "../../kernel/options.ts";

/** The options of `tepal load` for its page and for the runs that it keeps. */
export const LOAD_PAGE_OPTIONS = {
  webHost: {
    type: "string",
    placeholder: "ADDRESS",
    default: "127.0.0.1",
    help: "IP address of the page; any but loopback requires --web-key-file",
  },
  webPort: {
    type: "integer",
    default: 8089,
    min: 0,
    max: 65_535,
    help: "Port of the page (0 = any free port)",
  },
  webKeyFile: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "File with the key of the page: browser password or bearer token",
  },
  webOpen: {
    type: "switch",
    default: false,
    help: "Let every client that reaches --web-host start runs without a key",
  },
  allowGetStop: {
    type: "switch",
    default: false,
    help: "Let GET /stop and GET /stats/reset work, for older Locust scripts",
  },
  autostart: {
    type: "switch",
    default: false,
    help: "Start a run at once, with the page",
  },
  dataDir: {
    type: "optional string",
    placeholder: "FOLDER",
    default: null,
    help: "Folder of finished runs (page: .tepal/load; --headless: none)",
  },
} as const satisfies OptionDeclarations;
