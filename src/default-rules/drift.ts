/** Rules on drift: features, predictions, confidence and p-values that are distributed unlike training rows. */
import { METRICS } from "../metrics/names.ts";
import {
  REFERENCE_FACTOR,
  RELEASE_EXPONENT,
  toLimitFactor,
  type LimitWindow,
  type Window,
} from "./drift-limits.ts";
import {
  FEATURE_DRIFT,
  MIN_EFFECTIVE_ROWS,
  OUTPUT_DRIFT,
  QUIET_ROWS,
  toDistanceSeries,
  toEffectiveRowsSeries,
  toLimitSeries,
  toSamplesSeries,
  type DriftKind,
} from "./drift-series.ts";
import { metric } from "./promql.ts";
import type { Alert, Recording, RuleGroup } from "./rule.ts";
import type { AlertSettings } from "./settings.ts";

const MODEL = "job, model, version";
const TESTS = "model:drift_tests:count";

/** A distribution that is compared with its reference: that of each feature, or of each output. */
interface Subject {
  /** Level of the recorded series, and their label beside those of the model. */
  readonly name: DriftKind;
  readonly counter: string;
  readonly reference: string;
  /** Number of reference rows, as the right side of a division. */
  readonly referenceRows: string;
  /** The same in the description of an alert: its metric, and the template variable with its labels. */
  readonly labelled: { readonly referenceRows: string; readonly selector: "$m" | "$s" };
}

const FEATURE: Subject = {
  name: "feature",
  counter: metric(METRICS.featureBin),
  reference: metric(METRICS.featureReferenceRatio),
  referenceRows: `/ on (${MODEL}) group_left () max by (${MODEL}) (${metric(METRICS.referenceRows)})`,
  labelled: { referenceRows: metric(METRICS.referenceRows), selector: "$m" },
};
const OUTPUT: Subject = {
  name: "output",
  counter: metric(METRICS.outputBin),
  reference: metric(METRICS.outputReferenceRatio),
  referenceRows: `/ max by (${MODEL}, output) (${metric(METRICS.outputReferenceRows)})`,
  labelled: { referenceRows: metric(METRICS.outputReferenceRows), selector: "$s" },
};
const SUBJECTS = [FEATURE, OUTPUT] as const;

const freedom = ({ name }: Subject): string => `model_${name}:degrees_of_freedom:count`;
const referenceError = ({ name }: Subject): string => `model_${name}:reference_error:bound`;
const samples = ({ name }: Subject, window: Window): string => toSamplesSeries(name, window);
const distance = ({ name }: Subject, window: Window): string => toDistanceSeries(name, window);
const limit = ({ name }: Subject, window: LimitWindow): string => toLimitSeries(name, window);
const release = ({ name }: Subject, window: Window): string =>
  `model_${name}:distance_release:increase${window}`;
const matches = (window: Window): string => `model:row_matches:excess${window}`;

const effectiveRows = ({ name }: Subject, window: Window): string =>
  toEffectiveRowsSeries(name, window);

/** Shares of all bins sum to 1, up to rounding. */
const COMPLETE = 0.999;

function recordBase(subject: Subject): Recording {
  const of = `${MODEL}, ${subject.name}`;
  const reference = `(max by (${of}, bin) (${subject.reference}))`;
  return {
    // None for a distribution with bins that are not there, because a limit of series dropped them: its distance would be wrong.
    record: freedom(subject),
    expr: `count by (${of}) ${reference} - 1
and
sum by (${of}) ${reference} > ${COMPLETE}
and
count by (${of}) (max by (${of}, bin) (${subject.counter})) == count by (${of}) ${reference}`,
  };
}

/** The bound of χ² in drift-limits.ts, for the reference. */
function recordReferenceError(subject: Subject): Recording {
  const k = freedom(subject);
  const exponent = `on (${MODEL}) group_left () ln(${REFERENCE_FACTOR} * ${TESTS})`;
  return {
    record: referenceError(subject),
    expr: `(
  ${k}
  + 2 * sqrt(${k} * ${exponent})
  + 2 * (0 * ${k} + ${exponent})
)
${subject.referenceRows}`,
  };
}

function recordMatches(window: Window): Recording {
  const increase = (name: string): string => `sum by (${MODEL}) (increase(${name}[${window}]))`;
  return {
    // 0 for servers that do not compare rows.
    record: matches(window),
    expr: `clamp_min(
  ${increase(metric(METRICS.rowMatches))}
  / clamp_min(${increase(metric(METRICS.rowComparisons))}, 1)
  - max by (${MODEL}) (${metric(METRICS.rowReferenceMatchRatio)}),
  0
)
or
0 * ${TESTS}`,
  };
}

function recordDistance(subject: Subject, window: Window): Recording[] {
  const { name, counter, reference } = subject;
  const of = `${MODEL}, ${name}`;
  return [
    {
      record: samples(subject, window),
      expr: `sum by (${of}) (increase(${counter}[${window}]))`,
    },
    {
      // 2 Σ (s − r)² / (s + r) = 4 − 8 Σ 1 / (1/s + 1/r): the counters are read once. An empty bin is 1/0 = +Inf, as it should.
      record: distance(subject, window),
      expr: `4 - 8 * sum by (${of}) (
  1 / (
    (${samples(subject, window)} > 0)
    / on (${of}) group_right ()
    sum by (${of}, bin) (increase(${counter}[${window}]))
    + 1 / max by (${of}, bin) (${reference})
  )
)`,
    },
  ];
}

/** 1 / (1/N + C), divided by the design effect, for N rows and a share C of equal pairs beyond that of training. */
function recordEffectiveRows(
  { designEffect }: AlertSettings,
  subject: Subject,
  window: Window,
): Recording {
  const inverse = `(1 / ${samples(subject, window)} + on (${MODEL}) group_left () ${matches(window)})`;
  return {
    record: effectiveRows(subject, window),
    expr: `1 / ${designEffect === 1 ? inverse : `(${designEffect} * ${inverse})`}`,
  };
}

function recordLimit(settings: AlertSettings, subject: Subject, window: LimitWindow): Recording {
  const exponent = `on (${MODEL}) group_left () ln(${toLimitFactor(window)} * ${TESTS})`;
  return {
    record: limit(subject, window),
    expr: formatLimit(subject, window, exponent, settings.driftDistance),
  };
}

function recordRelease(settings: AlertSettings, subject: Subject, window: Window): Recording {
  return {
    record: release(subject, window),
    expr: formatLimit(subject, window, String(RELEASE_EXPONENT), settings.driftReleaseDistance),
  };
}

/** The bound of χ² in drift-limits.ts, divided by the effective rows. */
function formatLimit(subject: Subject, window: Window, exponent: string, floor: number): string {
  const k = freedom(subject);
  const delta = referenceError(subject);
  const n = effectiveRows(subject, window);
  return `clamp_min(
  ${k} / ${n}
  + ${delta}
  + 2 * sqrt(
    (${k} / ${n} + 2 * ${delta})
    / ${n} * ${exponent}
  )
  + 2 / ${n} * ${exponent},
  ${floor}
)`;
}

/** Replaces an empty bin's share of 0, whose logarithm is −∞. */
const MIN_SHARE = "1e-4";

/** The population stability index of each feature, Σ (live − reference) · ln(live / reference) over its bins. No alert uses it. */
function recordStabilityIndex(): Recording {
  const of = `${MODEL}, feature`;
  const rows = (by: string): string => `sum by (${by}) (increase(${FEATURE.counter}[1h]))`;
  const live = `clamp_min(${rows(`${of}, bin`)} / on (${of}) group_left () (${rows(of)} > 0), ${MIN_SHARE})`;
  const reference = `clamp_min(max by (${of}, bin) (${FEATURE.reference}), ${MIN_SHARE})`;
  return {
    record: "model_feature:psi:increase1h",
    expr: `sum by (${of}) (
  (
    ${live}
    - ${reference}
  )
  * ln(
    ${live}
    / ${reference}
  )
)`,
  };
}

/** Shorter than the five minutes for which a query finds the last sample. */
const SLOW_INTERVAL = "4m";

export const createDriftGroups = (settings: AlertSettings): readonly RuleGroup[] => [
  {
    name: "model-drift",
    interval: "30s",
    rules: [
      ...SUBJECTS.map(recordBase),
      {
        record: TESTS,
        expr: `count by (${MODEL}) (${SUBJECTS.map(freedom).join(" or ")})`,
      },
      { record: MIN_EFFECTIVE_ROWS, expr: `0 * ${TESTS} + ${settings.driftEffectiveRows}` },
      ...SUBJECTS.map(recordReferenceError),
      ...(["5m", "30m"] as const).flatMap((window) => [
        recordMatches(window),
        ...SUBJECTS.flatMap((subject) => [
          ...recordDistance(subject, window),
          recordEffectiveRows(settings, subject, window),
          recordLimit(settings, subject, window),
        ]),
      ]),
      ...SUBJECTS.map((subject) => recordRelease(settings, subject, "5m")),
    ],
  },
  { name: "model-drift-index", interval: "30s", rules: [recordStabilityIndex()] },
  {
    name: "model-drift-slow",
    interval: SLOW_INTERVAL,
    rules: [
      ...(["1h", "6h"] as const).flatMap((window) => [
        recordMatches(window),
        ...SUBJECTS.flatMap((subject) => [
          ...recordDistance(subject, window),
          recordEffectiveRows(settings, subject, window),
        ]),
      ]),
      ...SUBJECTS.flatMap((subject) => [
        recordLimit(settings, subject, "6h"),
        recordRelease(settings, subject, "1h"),
      ]),
    ],
  },
];

/**
 * Drift begins in 5 minutes, or in 30 if the last 5 agree, or in 6 hours of a service with few rows if the last hour agrees. The last two
 * conditions keep a burst of rows that has ended from firing for hours.
 */
function formatCondition(settings: AlertSettings, subject: Subject, matcher: string): string {
  const begins = (window: LimitWindow): string =>
    `${distance(subject, window)}${matcher} > ${limit(subject, window)}
  and ${effectiveRows(subject, window)} >= ${settings.driftEffectiveRows}`;
  const continues = (window: Window): string =>
    `and ${distance(subject, window)} > ${release(subject, window)}`;
  return `(
  ${begins("5m")}
)
or
(
  ${begins("30m")}
  ${continues("5m")}
)
or
(
  ${begins("6h")}
  ${continues("1h")}
  and max_over_time(${samples(subject, "1h")}[65m]) < ${QUIET_ROWS}
  and ${samples(subject, "30m")} >= ${samples(subject, "1h")} / 4
)`;
}

function format(digits: number): string {
  return `{{ . | first | value | printf "%.${digits}f" }}`;
}

/** Describes the shortest window that fires: its distance and limit, and the rows behind them. */
function describeDistance(subject: Subject): string {
  const { name, labelled } = subject;
  const describe = (window: LimitWindow, duration: string, otherwise: string): string => {
    const isOver = `${distance(subject, window)}%s > ${limit(subject, window)}%s`;
    return [
      `{{ with query (printf "${isOver}" $s $s) }}`,
      `Over the last ${duration} the distance from training is ${format(2)}`,
      `{{ with query (printf "${limit(subject, window)}%s" $s) }}; ${format(2)} is the most that chance explains{{ end }}`,
      `{{ with query (printf "${effectiveRows(subject, window)}%s" $s) }} for ${format(0)} effective rows{{ end }}`,
      `{{ with query (printf "max(${labelled.referenceRows}%s)" ${labelled.selector}) }} and ${format(0)} training rows{{ end }}. `,
      `{{ else }}${otherwise}{{ end }}`,
    ].join("");
  };
  const model = "$labels.job $labels.model $labels.version";
  const ended = 'The distance from training is {{ $value | printf "%.2f" }}. ';
  const windows = describe(
    "5m",
    "5 minutes",
    describe("30m", "30 minutes", describe("6h", "6 hours", ended)),
  );
  return [
    `{{ $m := printf "{job=%q,model=%q,version=%q}" ${model} }}`,
    `{{ $s := printf "{job=%q,model=%q,version=%q,${name}=%q}" ${model} $labels.${name} }}`,
    windows,
    `{{ with query (printf "ALERTS%s and ALERTS{alertname='RowsRepeat',alertstate='firing'}" $m) }}A client repeats its rows (RowsRepeat). {{ end }}`,
  ].join("");
}

const DASHBOARD = { uid: "tepal-model", labels: ["job", "model"] } as const;

interface DriftAlert {
  readonly alert: string;
  readonly subject: Subject;
  /** Label matcher of the output. */
  readonly matcher: string;
  readonly condition: string;
  readonly summary: string;
  readonly advice: string;
}

function createAlert(
  settings: AlertSettings,
  { alert, subject, matcher, condition, summary, advice }: DriftAlert,
): Alert {
  return {
    alert,
    expr: formatCondition(settings, subject, matcher),
    for: "1m",
    keepFiringFor: "2m",
    severity: "warning",
    dashboard: DASHBOARD,
    condition: `${condition} from training by a distance above its limit (at least ${settings.driftDistance}) over 5m, over 30m and 5m, or, with few rows, over 6h and 1h; at least ${settings.driftEffectiveRows} effective rows`,
    summary,
    description: describeDistance(subject) + advice,
  };
}

const OF_MODEL = "{{ $labels.model }} version {{ $labels.version }}";

export const createDriftAlerts = (settings: AlertSettings): readonly Alert[] => [
  createAlert(settings, {
    alert: FEATURE_DRIFT,
    subject: FEATURE,
    matcher: "",
    condition: "A feature differs",
    summary: `Predictions of ${OF_MODEL} may be wrong more often: feature {{ $labels.feature }} is unlike its training data`,
    advice: "Compare the bins of the feature with training on the Model dashboard.",
  }),
  createAlert(settings, {
    alert: OUTPUT_DRIFT.prediction,
    subject: OUTPUT,
    matcher: '{output="prediction"}',
    condition: "Predicted classes or values differ",
    summary: `${OF_MODEL} predicts other classes or values than in training`,
    advice: "Compare the predicted classes with training on the Model dashboard.",
  }),
  createAlert(settings, {
    alert: OUTPUT_DRIFT.confidence,
    subject: OUTPUT,
    matcher: '{output="confidence"}',
    condition: "Confidence differs",
    summary: `The confidence of ${OF_MODEL} is unlike that for held-out training rows`,
    advice: "The Model dashboard shows if confidence has fallen, and which features have drifted.",
  }),
  createAlert(settings, {
    alert: OUTPUT_DRIFT.p_value,
    subject: OUTPUT,
    matcher: '{output="p_value"}',
    condition: "p-values of the trust check differ",
    summary: `Predictions of ${OF_MODEL} may be wrong more often: its rows as a whole are unlike its training data`,
    advice:
      "If no feature has drifted, combinations of features are new: look for swapped or permuted columns.",
  }),
  {
    alert: "RowsRepeat",
    expr: `1 / ${matches("30m")} < ${settings.repeatedRows}
and on (${MODEL})
max by (${MODEL}) (${samples(FEATURE, "30m")}) >= ${settings.repeatMinRows}`,
    for: "10m",
    severity: "info",
    dashboard: DASHBOARD,
    condition: `The rows of the last 30m are worth fewer than ${settings.repeatedRows} different rows; at least ${settings.repeatMinRows} rows`,
    summary: `A client of ${OF_MODEL} sends the same rows again and again`,
    description: `The rows over the last 30 minutes are worth {{ $value | printf "%.0f" }} different rows; drift needs ${settings.driftEffectiveRows}. Drift alerts are silent about so few rows. Find the client that repeats them: a load test, a retry loop, or a stuck sensor.`,
  },
];
