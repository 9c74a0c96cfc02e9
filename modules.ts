/**
 * The modules of Tepal and what each may import. `npm run generate` turns this table into the lint rules
 * (.oxlintrc.modules.json) and the tree in docs/architecture.md; a folder that is not listed here fails `npm run check`.
 */
export interface Module {
  /** A module imports only modules of lower levels. */
  readonly level: number;
  readonly about: string;
  /** All folders inside, in the order of the tree. */
  readonly folders?: Readonly<Record<string, string>>;
  readonly imports: readonly ModuleName[];
}

export type ModuleName =
  | "kernel"
  | "tabular"
  | "metrics"
  | "version.ts"
  | "require-node.ts"
  | "series"
  | "default-rules"
  | "guard"
  | "model"
  | "promql"
  | "training"
  | "serving"
  | "alerts"
  | "load"
  | "scoring"
  | "monitor"
  | "http"
  | "config"
  | "server.ts"
  | "process"
  | "cli"
  | "index.ts"
  | "package.ts";

/** Folders and files of src/, from the lowest level to the highest. */
export const MODULES: Readonly<Record<ModuleName, Module>> = {
  kernel: {
    level: 0,
    about: "errors, input checks, durations, clock, random numbers, message channel, file lock",
    folders: { check: "parsers of values, containers and TypeBox schemas" },
    imports: [],
  },
  tabular: {
    level: 1,
    about: "feature types and schema, row decoding, CSV",
    imports: ["kernel"],
  },
  metrics: {
    level: 1,
    about: "metric names, counters and histograms in typed arrays, exposition",
    folders: { names: "declarations of the metrics" },
    imports: ["kernel"],
  },
  "version.ts": { level: 1, about: "the version of the package", imports: ["kernel"] },
  "require-node.ts": { level: 1, about: "the check of the Node.js version", imports: [] },
  series: {
    level: 2,
    about: "time series: read interface, labels, matchers",
    folders: {
      store: "samples in memory and in compressed blocks",
      disk: "the history on disk, and its recovery",
      scrape: "targets, scrape loop, exposition parser",
    },
    imports: ["kernel"],
  },
  "default-rules": {
    level: 2,
    about: "the default recording and alerting rules, and their settings",
    imports: ["kernel", "metrics"],
  },
  guard: {
    level: 2,
    about: "trust check: distance, p-value, ranges, drift bins",
    folders: { fit: "fits the trust check to training data" },
    imports: ["kernel", "tabular"],
  },
  model: {
    level: 3,
    about: "manifest, artifact, registry, golden predictions",
    folders: {
      loading: "loads versions in a thread",
      onnx: "reads and writes ONNX files",
      executor: "predicts with tree ensembles in typed arrays",
      pipeline: "compiles other graphs to steps over typed arrays, and runs them",
      engine: "all other graphs: onnxruntime-node in a process of its own",
    },
    imports: ["kernel", "tabular", "guard"],
  },
  promql: {
    level: 3,
    about: "embedded PromQL engine",
    folders: {
      syntax: "lexer, parser, types, printer",
      evaluate: "selectors, operators, subqueries",
      aggregate: "aggregation operators",
      functions: "one file for each family of functions",
    },
    imports: ["kernel", "series"],
  },
  training: {
    level: 4,
    about: "CSV file or ONNX file in, model version out",
    folders: {
      forest: "grows random forests, in threads if the data is large",
      report: "cross-validation and the training report",
      import: "models that other tools exported: ONNX, XGBoost, LightGBM",
    },
    imports: ["kernel", "tabular", "version.ts", "model", "guard"],
  },
  serving: {
    level: 4,
    about: "one prediction: check, infer, record; streams of rows",
    folders: {
      decode: "request bodies into rows of numbers",
      encode: "predictions into reply bytes and lines",
    },
    imports: ["kernel", "tabular", "metrics", "model", "guard"],
  },
  alerts: {
    level: 4,
    about: "alerting and recording rules as in Prometheus",
    folders: {
      rules: "rule files",
      evaluate: "groups, alert states, restart",
      templates: "Go templates in labels and annotations",
      notify: "webhooks, Slack, Alertmanagers",
      silences: "silences as in Alertmanager",
    },
    imports: ["kernel", "series", "default-rules", "promql"],
  },
  load: {
    level: 4,
    about: "load tests: virtual users in processes of their own",
    folders: {
      contract: "schemas of plans, reports and the page's API; thresholds",
      profiles: "one file for each load profile",
      script: "what load scripts import; reads and checks scripts",
      generator: "sends the requests",
      coordinator: "starts, measures and stops a run",
      reports: "CSV, JSON, HTML and terminal reports",
      page: "HTTP API of the load page",
    },
    imports: ["kernel", "metrics"],
  },
  scoring: {
    level: 5,
    about: "files of rows in threads, resumable",
    imports: ["kernel", "tabular", "metrics", "model", "serving"],
  },
  monitor: {
    level: 5,
    about: "history, scraping and alerts in one thread, queries in another",
    folders: {
      api: "the Prometheus HTTP API",
      control: "silences and receivers over HTTP, and the state of the monitor",
      queries: "the thread of queries, and its calls to the history",
      "remote-write": "sends the history to a Prometheus",
    },
    imports: ["kernel", "metrics", "series", "promql", "alerts"],
  },
  http: {
    level: 5,
    about: "the Fastify application",
    folders: {
      prediction: "predictions over HTTP, whole and as streams",
      "fast-path": "ordinary predictions, read from the sockets",
      access: "API keys, roles, TLS, CORS",
      limits: "rate limit, overload, requests in flight",
      body: "media types, content codings, JSON",
      connections: "Node's server, broken connections, listen, drain",
      routes: "one file for each group of routes",
      schemas: "JSON Schemas of requests and replies",
      describe: "the OpenAPI document",
    },
    imports: ["kernel", "tabular", "metrics", "model", "serving"],
  },
  config: {
    level: 6,
    about: "options from defaults < file < environment < flags",
    imports: ["kernel", "model", "serving", "monitor", "http"],
  },
  "server.ts": {
    level: 7,
    about: "composition root: createServer(options)",
    imports: ["kernel", "metrics", "version.ts", "model", "serving", "monitor", "http", "config"],
  },
  process: {
    level: 8,
    about: "several processes of one server",
    folders: { workers: "the primary process, and each worker's part" },
    imports: ["kernel", "metrics", "version.ts", "model", "monitor", "http", "config", "server.ts"],
  },
  cli: {
    level: 9,
    about: "the command line",
    folders: {
      commands: "one file for each command",
      options: "flags of the commands, and how their values are read",
      server: "starts the server; log and banner",
      load: "starts load tests and the load page",
      secrets: "secrets of the monitoring stack",
      terminal: "progress bar, live output, Ctrl-C",
    },
    imports: [
      "kernel",
      "version.ts",
      "require-node.ts",
      "default-rules",
      "model",
      "training",
      "serving",
      "load",
      "scoring",
      "http",
      "config",
      "server.ts",
      "process",
    ],
  },
  "index.ts": {
    level: 9,
    about: "public exports, named one by one",
    imports: ["kernel", "metrics", "model", "training", "http", "config", "server.ts"],
  },
  "package.ts": {
    level: 10,
    about: "the package's entry: index.ts behind the check of the Node.js version",
    imports: ["require-node.ts", "index.ts"],
  },
};

/** A folder beside src/ that may import only a few files of it. */
export interface Outsider {
  readonly about: string;
  readonly folders?: Readonly<Record<string, string>>;
  /** Files that lint rules hold for. */
  readonly files: string;
  /** Paths in src/ that it may import. */
  readonly imports: readonly string[];
}

export const OUTSIDERS: Readonly<Record<string, Outsider>> = {
  dashboards: {
    about: "Grafana dashboards as TypeScript; generates deploy/",
    folders: {
      grafana: "one file for each dashboard",
    },
    files: "dashboards/**/*.ts",
    imports: ["metrics/names.ts", "default-rules/*.ts"],
  },
  console: {
    about: "the web application (Vite, Preact, uPlot); reaches servers over HTTP",
    folders: {
      components: "chart, table, tabs, fields, theme",
      lib: "formats, routes, HTTP",
      load: "the load page, also in the console",
      course: "beside src/: renders docs/tutorial for the page Learn when the console is built",
      learn: "page of the console: the course of docs/tutorial, whose steps check themselves",
      lab: "the lab: pages of the console over a recording, without a server",
      shell: "the console: its frame, pages, sign-in, time range",
      palette: "the console's search",
      overview: "page of the console: state of the server, recent changes",
      dashboards: "page of the console: draws Grafana dashboards",
      explore: "page of the console: PromQL expressions",
      try: "page of the console: predictions by hand",
      model: "page of the console: a model version and its live distributions",
      docs: "the page /docs: operations, types and examples from /openapi.json",
      alerts: "page of the console: alerting rules, silences, receivers",
      status: "page of the console: targets, rules, history, processes, options",
      panels: "one file or folder for each panel type",
      grafana: "dashboard JSON, units, colors, variables, queries as in Grafana; no browser",
      prometheus: "client of the Prometheus HTTP API",
    },
    files: "console/**/*.{ts,tsx}",
    imports: [
      "default-rules/drift-series.ts",
      "kernel/csv-cell.ts",
      "kernel/duration.ts",
      "load/contract/*.ts",
      "promql/syntax/*.ts",
    ],
  },
  "console/src/lab": {
    about: "the lab has the engine, the store and the query API of the server in the browser",
    files: "console/src/lab/**/*.{ts,tsx}",
    imports: [
      "kernel/clock.ts",
      "kernel/errors.ts",
      "monitor/api/*.ts",
      "promql/*.ts",
      "promql/syntax/*.ts",
      "series/*.ts",
      "series/store/*.ts",
    ],
  },
};
