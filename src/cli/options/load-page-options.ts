import type { OptionDeclarations } from "../../kernel/options.ts";

/** What `tepal load` can be told of its web page and of the runs it keeps. */
export const LOAD_PAGE_OPTIONS = {
  webHost: {
    type: "string",
    placeholder: "ADDRESS",
    default: "127.0.0.1",
    help: "Address on which the page listens; any but this machine's own wants --web-key-file",
  },
  webPort: {
    type: "integer",
    default: 8089,
    min: 0,
    max: 65_535,
    help: "Port of the page; 0 takes a free one",
  },
  webKeyFile: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "File with the page's key: the password in a browser, with any user name, or Authorization: Bearer",
  },
  webOpen: {
    type: "switch",
    default: false,
    help: "Lets anybody who can reach --web-host start runs, without a key",
  },
  allowGetStop: {
    type: "switch",
    default: false,
    help: "Lets GET /stop and GET /stats/reset change something, as older Locust scripts expect",
  },
  autostart: {
    type: "switch",
    default: false,
    help: "Starts a run at once, beside the page",
  },
  dataDir: {
    type: "optional string",
    placeholder: "FOLDER",
    default: null,
    help: "Keeps runs that are over; the page does so in .tepal/load without it, --headless not at all",
  },
} as const satisfies OptionDeclarations;
