import { string } from "../../kernel/check/values.ts";
import type { OptionDeclarations } from "../../kernel/options.ts";
import { DEFAULT_HTTP_OPTIONS } from "../../load/generator/http-options.ts";
import { DEFAULT_PLAN } from "../../load/contract/resolve-plan.ts";
import { SHAPE_NAMES } from "../../load/profiles/profiles.ts";

/** What `tepal load` can be told; besides, `--threshold` and `--header`, each of which may be given several times. */
export const LOAD_OPTIONS = {
  host: {
    type: "string",
    placeholder: "URL",
    default: DEFAULT_PLAN.host,
    help: "The server: scheme, name and port; user classes may name another",
  },
  users: {
    type: "integer",
    default: 10,
    min: 1,
    max: 100_000,
    help: "Users at a time; of a shape, the most",
  },
  spawnRate: {
    type: "number",
    default: 1,
    min: 0.001,
    max: 100_000,
    help: "How many users start, or end, each second",
  },
  runTime: {
    type: "optional string",
    placeholder: "TIME",
    default: null,
    help: "Ends the run, as 90s, 10m or 1h30m; without it Ctrl-C does, or the shape",
  },
  shape: {
    type: "choice",
    choices: ["none", ...SHAPE_NAMES, "custom"],
    default: "none",
    help: "How many users when, in stages (docs/load-testing.md); custom is the script's own",
  },
  stageTime: {
    type: "string",
    placeholder: "TIME",
    default: "1m",
    help: "How long each stage of a shape lasts",
  },
  rate: {
    type: "number",
    default: 0,
    min: 0,
    max: 1_000_000,
    help: "Open model: tasks that begin each second, whatever became of those before; 0 is a closed one",
  },
  rampFrom: {
    type: "number",
    default: 0,
    min: 0,
    max: 1_000_000,
    help: "Open model: the rate at the start, from which it goes to --rate within --ramp-time",
  },
  rampTime: {
    type: "optional string",
    placeholder: "TIME",
    default: null,
    help: "How long the way from --ramp-from to --rate takes",
  },
  poisson: {
    type: "switch",
    default: false,
    help: "Open model: at random distances instead of equal ones",
  },
  maxUsers: {
    type: "integer",
    default: 1_000,
    min: 1,
    max: 100_000,
    help: "Open model: tasks in progress at most; what is due beyond that is dropped and counted",
  },
  userClasses: {
    type: "list",
    placeholder: "NAME",
    default: [],
    item: string(),
    help: "Only users of these classes",
  },
  tags: {
    type: "list",
    placeholder: "TAG",
    default: [],
    item: string(),
    help: "Only tasks that have one of these tags",
  },
  excludeTags: {
    type: "list",
    placeholder: "TAG",
    default: [],
    item: string(),
    help: "No task that has one of these tags",
  },
  seed: {
    type: "integer",
    default: DEFAULT_PLAN.seed,
    min: 0,
    max: 4_294_967_295,
    help: "The same seed gives each user the same tasks, waits and rows",
  },
  workers: {
    type: "integer",
    default: 1,
    min: 1,
    max: 256,
    help: "Processes that the users are spread over",
  },
  timeout: {
    type: "number",
    default: DEFAULT_HTTP_OPTIONS.timeoutSeconds,
    min: 0.001,
    max: 3_600,
    help: "Seconds for a whole request",
  },
  stopTimeout: {
    type: "number",
    default: DEFAULT_PLAN.stop_timeout_seconds,
    min: 0,
    max: 3_600,
    help: "Seconds that requests in flight may take at the end; what takes longer is abandoned and counted",
  },
  keyFile: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "File with an API key, which is sent as `Authorization: Bearer`",
  },
  ca: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "Certificates in PEM to trust instead of the usual ones",
  },
  insecure: {
    type: "switch",
    default: false,
    help: "Accepts any certificate",
  },
  headless: {
    type: "switch",
    default: false,
    help: "Runs at once, without the web page, and ends with an exit code",
  },
  json: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "Writes the report as JSON",
  },
  csv: {
    type: "optional string",
    placeholder: "PREFIX",
    default: null,
    help: "Writes PREFIX_stats.csv, PREFIX_stats_history.csv, PREFIX_failures.csv and PREFIX_exceptions.csv",
  },
  html: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "Writes the report as a page of one file",
  },
} as const satisfies OptionDeclarations;
