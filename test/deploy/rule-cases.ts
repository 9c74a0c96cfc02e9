import { ALERTS } from "../../dashboards/rules.ts";

/**
 * For each alert, series for which it fires, and series near the limit for which it must not. promtool evaluates them
 * (rules.test.ts). Values are in promtool's notation: `0+7x40` is 0, 7, 14, …, one every 15 seconds.
 */
export interface RuleCase {
  readonly alert: string;
  readonly name: string;
  readonly series: Readonly<Record<string, string>>;
  /**
   * Set if values in messages depend on the ends of a window: Prometheus 2 includes the sample at its start, Prometheus 3 and Tepal do not.
   * Such cases agree at their evaluation time, but not at each step before it.
   */
  readonly changes?: true;
  /** Evaluation time. */
  readonly at: string;
  /** All alerts of this name that fire then: labels without `alertname`, and expanded annotations. */
  readonly fires: readonly FiredAlert[];
}

interface FiredAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description: string;
}

/** Lists the annotations of an alert as sent, with the URLs of deploy/alert-settings.json. */
export function toAnnotations(
  name: string,
  { labels, summary, description }: FiredAlert,
): Readonly<Record<string, string>> {
  const links = ALERTS.find(({ alert }) => alert === name)?.dashboard;
  const query = links?.labels.map((label) => `var-${label}=${urlQuery(labels[label] ?? "")}`);
  return {
    summary,
    description,
    runbook_url: `http://127.0.0.1:8000/runbooks/${name}`,
    dashboard_url: [`http://127.0.0.1:3000/d/${links?.uid}`, ...(query ?? [])]
      .join("&")
      .replace("&", "?"),
  };
}

const urlQuery = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);

const TARGET = 'job="tepal",instance="api:8000"';
const UP = `up{${TARGET}}`;

/** A counter that grows by `each` every 15 seconds, for `hours`. */
const growing = (each: number, hours = 1): string => `0+${each}x${hours * 240}`;
const steady = (value: number, hours = 1): string => `${value}x${hours * 240}`;

function requests(bad: number, good: number, hours = 1, route = "/predict") {
  const labels = `${TARGET},method="POST",route="${route}"`;
  return {
    [`api_requests_total{${labels},status="200"}`]: growing(good, hours),
    [`api_requests_total{${labels},status="503"}`]: growing(bad, hours),
  };
}

function latencies(slow: number, quick: number, hours = 1, route = "/predict") {
  const labels = `${TARGET},method="POST",route="${route}",status="200"`;
  return {
    [`api_request_latency_seconds_bucket{${labels},le="0.1"}`]: growing(quick, hours),
    [`api_request_latency_seconds_count{${labels}}`]: growing(slow + quick, hours),
  };
}

function meanLatency(seconds: number, route = "/predict", instance = "api:8000") {
  const labels = `job="tepal",instance="${instance}",method="POST",route="${route}",status="200"`;
  return {
    [`api_request_latency_seconds_sum{${labels}}`]: growing(20 * seconds),
    [`api_request_latency_seconds_count{${labels}}`]: growing(20),
  };
}

interface DriftSeries {
  /** Live rows per bin in promtool's notation, of each of two replicas. */
  readonly bins: readonly string[];
  readonly referenceRows?: number;
  /** Share of pairs of live rows that are equal. */
  readonly matchRatio?: number;
  /** An output instead of the feature. */
  readonly output?: string;
}

/** Two replicas; each bin has the same share of the training rows, of whose pairs 1 % are equal. */
function drift({ bins, referenceRows = 150, matchRatio = 0.01, output }: DriftSeries) {
  const [level, label] =
    output === undefined ? ["feature", 'feature="petal_width"'] : ["output", `output="${output}"`];
  return Object.fromEntries(
    ["api-1:8000", "api-2:8000"].flatMap((instance) => {
      const model = `job="tepal",instance="${instance}",model="iris",version="1"`;
      const rows =
        output === undefined
          ? `model_reference_rows{${model}}`
          : `model_output_reference_rows{${model},${label}}`;
      return [
        [rows, steady(referenceRows, 3)],
        [`model_reference_match_ratio{${model}}`, steady(0.01, 3)],
        [`model_row_comparisons_total{${model}}`, growing(1_000, 3)],
        [`model_row_matches_total{${model}}`, growing(1_000 * matchRatio, 3)],
        ...bins.flatMap((values, bin) => {
          const labels = `${model},${label},bin="0${bin + 1}"`;
          return [
            [`model_${level}_bin_total{${labels}}`, values],
            [`model_${level}_reference_ratio{${labels}}`, steady(1 / bins.length, 3)],
          ];
        }),
      ];
    }),
  );
}

/** Bins that grow by numbers of rows every 15 seconds, for three hours. */
const live = (...rows: number[]): string[] => rows.map((each) => growing(each, 3));

/** Bins of ordinary rows for half an hour, then only the first bin for `steps`, then ordinary rows. One row a second. */
function changed(steps: number): string[] {
  const each = 15 / 8;
  return [0, 1, 2, 3].map((bin) => {
    const after = bin === 0 ? 4 * each * steps : 0;
    const half = 120 * each;
    const drifting = bin === 0 ? `${half}+${4 * each}x${steps}` : `${half}+0x${steps}`;
    return `0+${each}x119 ${drifting} ${half + after + each}+${each}x400`;
  });
}

function outliers(flagged: number, rows: number) {
  const model = `${TARGET},model="iris",version="1"`;
  return {
    [`model_ood_total{${model},reason="p_value"}`]: growing(flagged),
    [`model_ood_total{${model},reason="range"}`]: growing(rows),
    [`model_ood_p_value_count{${model}}`]: growing(rows),
  };
}

function eventLoop(busy: number, workers: number) {
  return {
    [`nodejs_eventloop_active_seconds_total{${TARGET}}`]: growing(busy * workers * 15),
    [`tepal_workers{${TARGET}}`]: steady(workers),
  };
}

function memory(mebibytes: number) {
  return {
    [`process_resident_memory_bytes{${TARGET}}`]: steady(mebibytes * 1_024 ** 2),
    [`tepal_memory_limit_bytes{${TARGET}}`]: steady(1_024 ** 3),
    [`tepal_workers{${TARGET}}`]: steady(2),
  };
}

const overload = (each: number) => ({
  [`api_overload_total{${TARGET},reason="in_flight"}`]: growing(each),
  [`api_overload_total{${TARGET},reason="event_loop"}`]: growing(0),
});

interface BurnCase {
  readonly window: string;
  readonly severity: string;

  /** Time at which only the alert of this window fires. */
  readonly at: string;
  readonly hours: number;
}

const BURNS: readonly BurnCase[] = [
  { window: "1h", severity: "critical", at: "10m", hours: 1 },
  { window: "6h", severity: "critical", at: "20m", hours: 1 },
  { window: "1d", severity: "warning", at: "70m", hours: 2 },
  { window: "3d", severity: "warning", at: "190m", hours: 4 },
];

/** Bad requests of 10,000 per step: with the first number the alert of the window fires, with the second it must not. */
const AVAILABILITY_LIMITS = { "1h": [200, 143], "6h": [80, 59], "1d": [40, 29], "3d": [20, 9] };
const LATENCY_LIMITS = {
  "1h": [2_000, 1_430],
  "6h": [800, 590],
  "1d": [400, 290],
  "3d": [200, 90],
};

/** Formats the duration of an error budget as Prometheus's humanizeDuration does: `6h 21m 0s`. */
function toLasting(allowedPercent: number, failingPercent: number): string {
  const seconds = 60 * Math.round((30 * 1_440 * allowedPercent) / failingPercent);
  const parts = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "m"],
    [1, "s"],
  ] as const;
  const first = parts.findIndex(([unit]) => seconds >= unit);
  return parts
    .slice(first)
    .map(([unit, letter], i) => {
      const larger = i === 0 ? Infinity : parts[first + i - 1]![0];
      return `${Math.floor((seconds % larger) / unit)}${letter}`;
    })
    .join(" ");
}

function createBurnCases(
  alert: string,
  limits: Readonly<Record<string, readonly number[]>>,
  toSeries: typeof requests,
  summary: string,
  describe: (percent: number, burn: BurnCase) => string,
): RuleCase[] {
  return BURNS.flatMap((burn) => {
    const [over = 0, under = 0] = limits[burn.window] ?? [];
    const labels = { job: "tepal", severity: burn.severity, window: burn.window };
    const fired = { labels, summary, description: describe(over / 100, burn) };
    const { at, hours } = burn;
    return [
      {
        alert,
        at,
        name: `${over / 100} %`,
        series: toSeries(over, 10_000 - over, hours),
        fires: [fired],
      },
      {
        alert,
        at,
        name: `${under / 100} %`,
        series: toSeries(under, 10_000 - under, hours),
        fires: [],
      },
    ];
  });
}

const IRIS = { job: "tepal", model: "iris", version: "1" };

function driftFires(output: string | undefined, summary: string, description: string): FiredAlert {
  const subject = output === undefined ? { feature: "petal_width" } : { output };
  return { labels: { ...IRIS, ...subject, severity: "warning" }, summary, description };
}

const FEATURE_SUMMARY =
  "Predictions of iris version 1 may be wrong more often: feature petal_width is unlike its training data";

const DRIFT_CASES: readonly RuleCase[] = [
  {
    alert: "FeatureDrift",
    name: "one bin only, in two replicas",
    series: drift({ bins: changed(40) }),
    changes: true,
    at: "36m",
    fires: [
      driftFires(
        undefined,
        FEATURE_SUMMARY,
        "Over the last 5 minutes the distance from training is 2.40; 0.43 is the most that chance explains for 300 effective rows and 150 training rows. Compare the bins of the feature with training on the Model dashboard.",
      ),
    ],
  },
  {
    alert: "FeatureDrift",
    name: "seven minutes after it ended",
    series: drift({ bins: changed(40) }),
    changes: true,
    at: "47m",
    fires: [],
  },
  {
    alert: "FeatureDrift",
    name: "a burst of three minutes, an hour later",
    series: drift({ bins: changed(12) }),
    changes: true,
    at: "66m",
    fires: [],
  },
  {
    alert: "FeatureDrift",
    name: "a shift that half an hour of rows shows",
    series: drift({ bins: live(1.875, 0.625, 0.625, 0.625), referenceRows: 1_000 }),
    at: "40m",
    fires: [
      driftFires(
        undefined,
        FEATURE_SUMMARY,
        "Over the last 30 minutes the distance from training is 0.27; 0.25 is the most that chance explains for 900 effective rows and 1000 training rows. Compare the bins of the feature with training on the Model dashboard.",
      ),
    ],
  },
  {
    alert: "FeatureDrift",
    name: "36 rows an hour, all in one bin",
    series: drift({ bins: ["0+0.075x500", "0x500", "0x500", "0x500"] }),
    at: "100m",
    fires: [
      driftFires(
        undefined,
        FEATURE_SUMMARY,
        "Over the last 6 hours the distance from training is 2.40; 0.85 is the most that chance explains for 60 effective rows and 150 training rows. Compare the bins of the feature with training on the Model dashboard.",
      ),
    ],
  },
  {
    alert: "FeatureDrift",
    name: "20 rows that are repeated, which RowsRepeat is about",
    series: drift({ bins: live(7, 1, 1, 1), matchRatio: 0.06 }),
    at: "20m",
    fires: [],
  },
  {
    alert: "FeatureDrift",
    name: "10 training rows, where it may be random",
    series: drift({ bins: live(7, 1, 1, 1), referenceRows: 10 }),
    at: "20m",
    fires: [],
  },
  {
    alert: "FeatureDrift",
    name: "a distance of 0.1 with many rows",
    series: drift({ bins: live(40, 20, 20, 20), referenceRows: 10_000 }),
    at: "20m",
    fires: [],
  },
  ...(
    [
      [
        "PredictionDrift",
        "prediction",
        "iris version 1 predicts other classes or values than in training",
        "Compare the predicted classes with training on the Model dashboard.",
      ],
      [
        "ConfidenceDrift",
        "confidence",
        "The confidence of iris version 1 is unlike that for held-out training rows",
        "The Model dashboard shows if confidence has fallen, and which features have drifted.",
      ],
      [
        "PValueDrift",
        "p_value",
        "Predictions of iris version 1 may be wrong more often: its rows as a whole are unlike its training data",
        "If no feature has drifted, combinations of features are new: look for swapped or permuted columns.",
      ],
    ] as const
  ).flatMap(([alert, output, summary, advice]): RuleCase[] => [
    {
      alert,
      name: "a third of the rows has moved",
      series: drift({ bins: live(0, 7.5, 7.5), output }),
      at: "10m",
      fires: [
        driftFires(
          output,
          summary,
          `Over the last 5 minutes the distance from training is 0.80; 0.30 is the most that chance explains for 600 effective rows and 150 training rows. ${advice}`,
        ),
      ],
    },
    {
      alert,
      name: "a tenth of the rows has moved, and a feature has drifted",
      series: {
        ...drift({ bins: live(4, 5.5, 5.5), output }),
        ...drift({ bins: live(15, 0, 0) }),
      },
      at: "10m",
      fires: [],
    },
  ]),
  {
    alert: "RowsRepeat",
    name: "25 rows are repeated",
    series: drift({ bins: live(3, 3, 3, 3), matchRatio: 0.05 }),
    at: "25m",
    fires: [
      {
        labels: { ...IRIS, severity: "info" },
        summary: "A client of iris version 1 sends the same rows again and again",
        description:
          "The rows over the last 30 minutes are worth 25 different rows; drift needs 50. Drift alerts are silent about so few rows. Find the client that repeats them: a load test, a retry loop, or a stuck sensor.",
      },
    ],
  },
  {
    alert: "RowsRepeat",
    name: "75 rows are repeated",
    series: drift({ bins: live(3, 3, 3, 3), matchRatio: 0.0233 }),
    at: "25m",
    fires: [],
  },
  {
    alert: "RowsRepeat",
    name: "one row is repeated, rarely",
    series: drift({ bins: live(0.2, 0.2, 0.2, 0.2), matchRatio: 1 }),
    at: "25m",
    fires: [],
  },
];

export const RULE_CASES: readonly RuleCase[] = [
  {
    alert: "ServerDown",
    name: "a server is down",
    series: { [UP]: "1x4 0x20" },
    at: "3m",
    fires: [
      {
        labels: { job: "tepal", instance: "api:8000", severity: "critical" },
        summary: "Requests to api:8000 fail: it is down",
        description:
          "Prometheus cannot scrape api:8000 of job tepal (up is 0). Check that the process runs and that the port accepts connections.",
      },
    ],
  },
  {
    alert: "ServerDown",
    name: "no target exists",
    series: { 'up{job="node",instance="node-exporter:9100"}': steady(1) },
    at: "3m",
    fires: [
      {
        labels: { job: "tepal", severity: "critical" },
        summary: "Requests to tepal fail: it is down",
        description:
          "Prometheus cannot scrape any server of job tepal (up is absent). Check that the process runs and that the port accepts connections.",
      },
    ],
  },
  {
    alert: "ServerDown",
    name: "down for 45 seconds, and another job for longer",
    series: { [UP]: "1x4 0x3", 'up{job="node",instance="node-exporter:9100"}': steady(0) },
    at: "2m",
    fires: [],
  },
  {
    alert: "HighLatency",
    name: "0.8 s on one of two servers",
    series: { ...meanLatency(0.8), ...meanLatency(0.1, "/predict", "api-2:8000") },
    at: "3m",
    fires: [
      {
        labels: { job: "tepal", instance: "api:8000", route: "/predict", severity: "warning" },
        summary: "Clients of /predict on api:8000 wait 800ms for a reply",
        description:
          "The mean latency of /predict on api:8000 over the last minute is 800ms; the limit is 0.5 s. The Latency Analysis dashboard shows queue, inference and large batches.",
      },
    ],
  },
  {
    alert: "HighLatency",
    name: "0.49 s, and slow routes without predictions",
    series: {
      ...meanLatency(0.49),
      ...meanLatency(3, "/metrics"),
      ...meanLatency(3, "/models/{name}"),
      ...meanLatency(3, "/admin/reload"),
    },
    at: "3m",
    fires: [],
  },
  ...createBurnCases(
    "AvailabilityBudgetBurn",
    AVAILABILITY_LIMITS,
    requests,
    "Requests to tepal fail",
    (percent, { window }) =>
      `${percent}% of requests failed with status 5xx over the last ${window}; the objective allows 0.1%. At this rate, an error budget of 30 days lasts ${toLasting(0.1, percent)}. The Request Analysis dashboard shows status and route; the server log shows errors.`,
  ),
  ...(
    [
      ["11.34%", 1_134, "6h 21m 0s"],
      ["100%", 10_000, "43m 0s"],
    ] as const
  ).map(([percent, bad, lasting]): RuleCase => ({
    alert: "AvailabilityBudgetBurn",
    name: `${percent} failing, of which a budget lasts ${lasting}`,
    series: requests(bad, 10_000 - bad),
    at: "10m",
    fires: [
      {
        labels: { job: "tepal", severity: "critical", window: "1h" },
        summary: "Requests to tepal fail",
        description: `${percent} of requests failed with status 5xx over the last 1h; the objective allows 0.1%. At this rate, an error budget of 30 days lasts ${lasting}. The Request Analysis dashboard shows status and route; the server log shows errors.`,
      },
    ],
  })),
  {
    alert: "AvailabilityBudgetBurn",
    name: "all of nine requests fail",
    series: requests(9 / 40, 0),
    at: "10m",
    fires: [],
  },
  {
    alert: "AvailabilityBudgetBurn",
    name: "resolved for more than five minutes",
    series: {
      [`api_requests_total{${TARGET},route="/predict",status="200"}`]: growing(9_800),
      [`api_requests_total{${TARGET},route="/predict",status="503"}`]: "0+400x20 8000x100",
    },
    at: "12m",
    fires: [],
  },
  {
    alert: "AvailabilityBudgetBurn",
    name: "only readiness probes fail",
    series: { ...requests(200, 0, 1, "/health/ready"), ...requests(0, 100) },
    at: "10m",
    fires: [],
  },
  ...createBurnCases(
    "LatencyBudgetBurn",
    LATENCY_LIMITS,
    latencies,
    "Predictions of tepal are slow",
    (percent, { window }) =>
      `${percent}% of single-row predictions took longer than 0.1 s over the last ${window}; the objective allows 1%. At this rate, an error budget of 30 days lasts ${toLasting(1, percent)}. The Latency Analysis dashboard shows route and model; Resources shows CPU and event loop.`,
  ),
  {
    alert: "LatencyBudgetBurn",
    name: "only batches are slow",
    series: { ...latencies(100, 0, 1, "/predict/batch"), ...latencies(0, 100) },
    at: "10m",
    fires: [],
  },
  {
    alert: "RequestsRejected",
    name: "2 %",
    series: { ...overload(2), ...requests(2, 98) },
    at: "12m",
    fires: [
      {
        labels: { job: "tepal", severity: "warning" },
        summary: "Clients of tepal are rejected: it is overloaded",
        description:
          "2% of requests over the last 5 minutes were rejected for overload. The Load Testing dashboard shows the reason; add processes with --workers, or replicas.",
      },
    ],
  },
  {
    alert: "RequestsRejected",
    name: "0.9 %",
    series: { ...overload(9), ...requests(9, 991) },
    at: "12m",
    fires: [],
  },
  {
    alert: "RequestsRejected",
    name: "50 % of few requests",
    series: { ...overload(0.4), ...requests(0.4, 0.4) },
    at: "12m",
    fires: [],
  },
  {
    alert: "ModelNotLoaded",
    name: "the server is up without a model",
    series: { [UP]: steady(1), [`tepal_default_model_ready{${TARGET}}`]: steady(0) },
    at: "2m",
    fires: [
      {
        labels: { job: "tepal", instance: "api:8000", severity: "critical" },
        summary: "All predictions of api:8000 fail: no model is ready",
        description:
          "api:8000 is up with 0 models ready to serve /predict; requests get status 503. Look at GET /models and at the server log for models that failed to load.",
      },
    ],
  },
  {
    alert: "ModelNotLoaded",
    name: "one server has its model, and the other is down",
    series: {
      [UP]: steady(1),
      [`tepal_default_model_ready{${TARGET}}`]: steady(1),
      'up{job="tepal",instance="api-2:8000"}': steady(0),
    },
    at: "2m",
    fires: [],
  },
  {
    alert: "ModelNotLoaded",
    name: "the series about models are absent",
    series: { [UP]: steady(1) },
    at: "2m",
    fires: [],
  },
  {
    alert: "OutOfDistribution",
    name: "20 % of rows",
    series: outliers(2, 10),
    at: "20m",
    fires: [
      {
        labels: { job: "tepal", model: "iris", version: "1", severity: "warning" },
        summary:
          "Predictions of iris version 1 are less reliable: many rows are unlike its training data",
        description:
          '20% of the rows over the last 30 minutes are out of distribution; the limit is 10%, and 1% is normal with the default --ood-alpha. Look at "Rows flagged by reason" and "Drift by feature" on the Model dashboard.',
      },
    ],
  },
  {
    alert: "OutOfDistribution",
    name: "9 % of rows",
    series: outliers(0.9, 10),
    at: "20m",
    fires: [],
  },
  {
    alert: "OutOfDistribution",
    name: "100 % of few rows",
    series: outliers(1.5, 1.5),
    at: "32m",
    fires: [],
  },
  ...DRIFT_CASES,
  {
    alert: "EventLoopSaturated",
    name: "two workers at 90 %",
    series: eventLoop(0.9, 2),
    at: "17m",
    fires: [
      {
        labels: { job: "tepal", instance: "api:8000", severity: "warning" },
        summary: "Predictions of api:8000 become slower: it is close to its CPU limit",
        description:
          "The event loops of api:8000 are busy 90% of the time, averaged over its processes; the limit is 85%. Add processes with --workers, or replicas.",
      },
    ],
  },
  {
    alert: "EventLoopSaturated",
    name: "two workers at 84 %",
    series: eventLoop(0.84, 2),
    at: "17m",
    fires: [],
  },
  {
    alert: "MemoryHigh",
    name: "896 MiB of a container of 1 GiB",
    series: memory(896),
    at: "12m",
    fires: [
      {
        labels: { job: "tepal", instance: "api:8000", severity: "warning" },
        summary: "Requests to api:8000 will fail if it uses more memory: it is close to its limit",
        description:
          "api:8000 uses 87.5% of the memory of its container or host; the limit of this alert is 85%. At 100% the kernel ends a process. On the Resources dashboard, a line that only rises is a leak.",
      },
    ],
  },
  {
    alert: "MemoryHigh",
    name: "864 MiB of a container of 1 GiB",
    series: memory(864),
    at: "12m",
    fires: [],
  },
  {
    alert: "WorkerMissing",
    name: "three of four",
    series: {
      [`tepal_workers{${TARGET}}`]: steady(3),
      [`tepal_workers_wanted{${TARGET}}`]: steady(4),
    },
    at: "7m",
    fires: [
      {
        labels: { job: "tepal", instance: "api:8000", severity: "warning" },
        summary: "Clients of api:8000 may wait longer: workers are missing",
        description:
          "3 processes of api:8000 serve, fewer than --workers requests. The server log states why a worker cannot start.",
      },
    ],
  },
  {
    alert: "WorkerMissing",
    name: "three of four, for four minutes",
    series: {
      [`tepal_workers{${TARGET}}`]: "4x4 3x16",
      [`tepal_workers_wanted{${TARGET}}`]: steady(4),
    },
    at: "5m15s",
    fires: [],
  },
  {
    alert: "WorkerRestarts",
    name: "three, for two reasons",
    series: {
      [`tepal_worker_restarts_total{${TARGET},reason="exit"}`]: "0x20 1x10 2x40",
      [`tepal_worker_restarts_total{${TARGET},reason="hung"}`]: "0x30 1x40",
    },
    at: "15m",
    fires: [
      {
        labels: { job: "tepal", instance: "api:8000", severity: "warning" },
        summary: "Some requests to api:8000 fail: its workers keep exiting or hanging",
        description:
          "3 workers of api:8000 were restarted in the last 15 minutes. The server log states the reason of each restart.",
      },
    ],
  },
  {
    alert: "WorkerRestarts",
    name: "two",
    series: { [`tepal_worker_restarts_total{${TARGET},reason="exit"}`]: "0x20 1x10 2x40" },
    at: "15m",
    fires: [],
  },
  {
    alert: "ClockSetBack",
    name: "once",
    series: {
      [`tepal_monitor_samples_dropped_total{${TARGET},reason="ahead"}`]: "0x22 601x80",
      [`tepal_monitor_samples_dropped_total{${TARGET},reason="late"}`]: "0+10x100",
    },
    at: "25m",
    fires: [
      {
        labels: { job: "tepal", instance: "api:8000", severity: "warning" },
        summary: "Predictions continue, but the clock of api:8000 was ahead and was set back",
        description:
          "The built-in monitor of api:8000 has set 601 samples of the future aside. The server log states how far the clock was ahead. History and alerts of that time are missing.",
      },
    ],
  },
  {
    alert: "ClockSetBack",
    name: "other dropped samples",
    series: {
      [`tepal_monitor_samples_dropped_total{${TARGET},reason="ahead"}`]: "5x100",
      [`tepal_monitor_samples_dropped_total{${TARGET},reason="late"}`]: "0+10x100",
    },
    at: "25m",
    fires: [],
  },
  {
    alert: "SeriesDropped",
    name: "by the built-in monitor, and by a metric since the start",
    series: {
      [`tepal_monitor_samples_dropped_total{${TARGET},reason="drift_limit"}`]: growing(10),
      'metrics_series_dropped_total{job="tepal",instance="api-2:8000",metric="shop_orders_total"}':
        steady(7),
    },
    at: "20m",
    fires: [
      {
        labels: { job: "tepal", instance: "api:8000", severity: "warning" },
        summary:
          "Predictions continue, but api:8000 drops series: dashboards and alerts lack a part of the data",
        description:
          "A limit on series is reached on api:8000: 600 series or samples were dropped. The server log names the limit. Series that the rules need come first and are kept.",
      },
      {
        labels: { job: "tepal", instance: "api-2:8000", severity: "warning" },
        summary:
          "Predictions continue, but api-2:8000 drops series: dashboards and alerts lack a part of the data",
        description:
          "A limit on series is reached on api-2:8000: 7 series or samples were dropped. The server log names the limit. Series that the rules need come first and are kept.",
      },
    ],
  },
  {
    alert: "SeriesDropped",
    name: "other reasons, and drops that have ended",
    series: {
      [`tepal_monitor_samples_dropped_total{${TARGET},reason="late"}`]: growing(10),
      [`tepal_monitor_samples_dropped_total{${TARGET},reason="series_limit"}`]: steady(70),
    },
    at: "20m",
    fires: [],
  },
  {
    alert: "RemoteWriteBehind",
    name: "the receiver is down",
    series: { [`tepal_remote_write_lag_seconds{${TARGET}}`]: "0+15x100" },
    at: "15m",
    fires: [
      {
        labels: { job: "tepal", instance: "api:8000", severity: "warning" },
        summary: "History outside of api:8000 is 15m 0s behind",
        description:
          "The receiver of --remote-write has not acknowledged samples of 15m 0s ago. They are sent again until they leave the history (--retention). The server log states the reason.",
      },
    ],
  },
  {
    alert: "RemoteWriteBehind",
    name: "it catches up within five minutes",
    series: { [`tepal_remote_write_lag_seconds{${TARGET}}`]: "0+15x25 0x75" },
    at: "7m",
    fires: [],
  },
  {
    alert: "RemoteWriteLost",
    name: "the receiver rejects the credentials",
    series: {
      [`tepal_remote_write_samples_lost_total{${TARGET},reason="failed"}`]: "0+60x100",
      [`tepal_remote_write_samples_lost_total{${TARGET},reason="dropped"}`]: "0x100",
    },
    at: "20m",
    fires: [
      {
        labels: { job: "tepal", instance: "api:8000", severity: "warning", reason: "failed" },
        summary: "History outside of api:8000 has gaps: samples are lost",
        description:
          "The receiver of --remote-write never gets 3600 samples of the last 15 minutes; reason: failed (failed: it rejected them; dropped: they left the history first). The server log states its status.",
      },
    ],
  },
  {
    alert: "RemoteWriteLost",
    name: "all samples arrive",
    series: { [`tepal_remote_write_samples_lost_total{${TARGET},reason="failed"}`]: "0x100" },
    at: "20m",
    fires: [],
  },
  {
    alert: "HostMemoryLow",
    name: "5 %",
    series: {
      'node_memory_MemAvailable_bytes{job="node",instance="node-exporter:9100"}': steady(5),
      'node_memory_MemTotal_bytes{job="node",instance="node-exporter:9100"}': steady(100),
    },
    at: "12m",
    fires: [
      {
        labels: { job: "node", instance: "node-exporter:9100", severity: "warning" },
        summary: "Requests may fail soon: the host of node-exporter:9100 is running out of memory",
        description:
          "5% of the host memory that node-exporter:9100 reports is available; the limit is 10%. Look for the largest processes and containers on the host.",
      },
    ],
  },
  {
    alert: "HostMemoryLow",
    name: "11 %",
    series: {
      'node_memory_MemAvailable_bytes{job="node",instance="node-exporter:9100"}': steady(11),
      'node_memory_MemTotal_bytes{job="node",instance="node-exporter:9100"}': steady(100),
    },
    at: "12m",
    fires: [],
  },
  {
    alert: "ScrapeFailing",
    name: "node-exporter is down",
    series: { 'up{job="node",instance="node-exporter:9100"}': steady(0) },
    at: "7m",
    fires: [
      {
        labels: { job: "node", instance: "node-exporter:9100", severity: "warning" },
        summary:
          "Predictions continue, but metrics of node are missing: node-exporter:9100 cannot be scraped",
        description:
          "Prometheus cannot scrape node-exporter:9100 of job node (up is 0). The error is on the Targets page of Prometheus.",
      },
    ],
  },
  {
    alert: "ScrapeFailing",
    name: "optional targets are down, and the server, which has its own alert",
    series: {
      [UP]: steady(0),
      'up{job="cadvisor",instance="10.0.0.2:8080"}': steady(0),
      'up{job="loadtest",instance="10.0.0.3:8089"}': steady(0),
      'up{job="node",instance="node-exporter:9100"}': steady(1),
    },
    at: "7m",
    fires: [],
  },
  {
    alert: "Watchdog",
    name: "always",
    series: {},
    at: "1m",
    fires: [
      {
        labels: { severity: "info" },
        summary: "Alert delivery works",
        description:
          "This alert always fires (value 1). If it stops arriving, Prometheus or Alertmanager has failed.",
      },
    ],
  },
];
