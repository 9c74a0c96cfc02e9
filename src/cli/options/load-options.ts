import { string } from "../../kernel/check/values.ts";
import type { OptionDeclarations } from "../../kernel/options.ts";
import { PLAN_FIELDS } from "../../load/contract/plan.ts";
import { DEFAULT_HTTP_OPTIONS } from "../../load/generator/http-options.ts";

const {
  host,
  run_time_seconds: runTime,
  user_classes: userClasses,
  tags,
  exclude_tags: excludeTags,
  workers,
  seed,
  stop_timeout_seconds: stopTimeout,
} = PLAN_FIELDS;

const NAMES = { type: "list", default: [], item: string() } as const;
const FILE = { type: "optional string", placeholder: "FILE", default: null } as const;

/** The options of `tepal load` beside those of load profiles, `--threshold` and `--header`. */
export const LOAD_OPTIONS = {
  host: { type: "string", placeholder: "URL", default: host.default, help: host.description },
  runTime: {
    type: "optional string",
    placeholder: "TIME",
    default: runTime.default,
    help: runTime.description,
  },
  userClasses: { ...NAMES, placeholder: "NAME", help: userClasses.description },
  tags: { ...NAMES, placeholder: "TAG", help: tags.description },
  excludeTags: { ...NAMES, placeholder: "TAG", help: excludeTags.description },
  seed: {
    type: "integer",
    default: seed.default,
    min: seed.minimum,
    max: seed.maximum,
    help: seed.description,
  },
  workers: {
    type: "integer",
    default: workers.default,
    min: workers.minimum,
    max: workers.maximum,
    help: workers.description,
  },
  timeout: {
    type: "number",
    default: DEFAULT_HTTP_OPTIONS.timeoutSeconds,
    min: 0.001,
    max: 3_600,
    help: "Timeout of a request in seconds",
  },
  stopTimeout: {
    type: "number",
    default: stopTimeout.default,
    min: stopTimeout.minimum,
    max: stopTimeout.maximum,
    help: stopTimeout.description,
  },
  keyFile: { ...FILE, help: "File with an API key for --host (`Authorization: Bearer`)" },
  ca: { ...FILE, help: "PEM file with the certificates to trust instead of the default ones" },
  insecure: { type: "switch", default: false, help: "Accept any certificate" },
  headless: {
    type: "switch",
    default: false,
    help: "Run at once without the page, and exit with the result",
  },
  json: { ...FILE, help: "Write the report as JSON" },
  csv: {
    type: "optional string",
    placeholder: "PREFIX",
    default: null,
    help: "Write PREFIX_stats.csv, PREFIX_stats_history.csv, PREFIX_failures.csv and PREFIX_exceptions.csv",
  },
  html: { ...FILE, help: "Write the report as one HTML file" },
  init: {
    type: "switch",
    default: false,
    help: "Write a script for a model of --host, and exit",
  },
  model: {
    type: "optional string",
    placeholder: "NAME",
    default: null,
    help: "Model of --init (default: the default model)",
  },
} as const satisfies OptionDeclarations;
