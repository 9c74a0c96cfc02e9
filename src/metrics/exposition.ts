/**
 * The formats of a metrics response: the Prometheus text format 0.0.4 and OpenMetrics 1.0.
 *
 * OpenMetrics has what the text format lacks: the time at which a counter or a histogram began (`_created`), and exemplars, which name one
 * request of a bucket.
 */
import type { ProcessMetric } from "./process-metrics.ts";

export type ExpositionFormat = "text" | "openmetrics";

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

type LabelValues = Readonly<Record<string, string | number>>;

/** A number of a metric. */
export interface Sample {
  readonly metricName: string;
  /** An identical object for the same labels is rendered once. */
  readonly labels: LabelValues;
  readonly value: number;
  readonly exemplar?: Exemplar | undefined;
}

/** The last request that a histogram has counted in a bucket. */
export interface Exemplar {
  readonly requestId: string;
  readonly value: number;
  /** Unix time in milliseconds. */
  readonly timeMs: number;
}

/** The samples of one label set, in their order, and the time since which it counts. */
export interface ExposedSeries {
  readonly samples: readonly Sample[];
  /** Unix time in milliseconds; undefined for a series without such a time. */
  readonly createdMs?: number | undefined;
}

/** A metric in the form in which it is written. */
export interface ExposedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly series: Iterable<ExposedSeries>;
}

/** The label of an exemplar. */
export const EXEMPLAR_LABEL = "request_id";

/** Writes a metrics response. */
export function writeExposition(
  metrics: Iterable<ExposedMetric>,
  format: ExpositionFormat,
): string {
  const write = format === "text" ? writeText : writeOpenMetrics;
  let text = "";
  for (const metric of metrics) text += write(metric);
  return format === "text" ? text : `${text}# EOF\n`;
}

function writeText({ name, help, type, series }: ExposedMetric): string {
  let text = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  for (const { samples } of series) {
    for (const { metricName, labels, value } of samples) {
      text += `${metricName}${toLabelText(labels)} ${toNumberText(value)}\n`;
    }
  }
  return text;
}

const TOTAL = "_total";
const UNITS = ["seconds", "bytes"] as const;

function writeOpenMetrics({ name, help, type, series }: ExposedMetric): string {
  // The name of a counter has no suffix; those of its samples have.
  const family = type === "counter" && name.endsWith(TOTAL) ? name.slice(0, -TOTAL.length) : name;
  const unit = UNITS.find((one) => family.endsWith(`_${one}`));
  let text = `# TYPE ${family} ${type}\n`;
  if (unit !== undefined) text += `# UNIT ${family} ${unit}\n`;
  text += `# HELP ${family} ${escapeHelp(help).replaceAll('"', String.raw`\"`)}\n`;
  for (const { samples, createdMs } of series) {
    for (const { metricName, labels, value, exemplar } of samples) {
      const pairs = toLabelText(labels, toCanonicalBound);
      text += `${metricName}${pairs} ${toNumberText(value)}${toExemplarText(exemplar)}\n`;
    }
    const labels = samples.at(-1)?.labels;
    if (createdMs !== undefined && labels !== undefined) {
      text += `${family}_created${toLabelText(labels, toCanonicalBound)} ${createdMs / 1_000}\n`;
    }
  }
  return text;
}

function toExemplarText(exemplar: Exemplar | undefined): string {
  if (exemplar === undefined) return "";
  const { requestId, value, timeMs } = exemplar;
  return ` # {${EXEMPLAR_LABEL}="${escapeValue(requestId)}"} ${toNumberText(value)} ${timeMs / 1_000}`;
}

/** Label sets as text. A set is rendered once for each format, since most belong to series that stay. */
const rendered = new WeakMap<LabelValues, string>();
const renderedCanonical = new WeakMap<LabelValues, string>();

function toLabelText(labels: LabelValues, toBound?: (bound: string | number) => string): string {
  const known = toBound === undefined ? rendered : renderedCanonical;
  let text = known.get(labels);
  if (text === undefined) {
    const pairs = Object.entries(labels).map(([name, value]) => {
      const isBound = name === "le" || name === "quantile";
      const shown = isBound && toBound !== undefined ? toBound(value) : String(value);
      return `${name}="${escapeValue(shown)}"`;
    });
    text = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
    known.set(labels, text);
  }
  return text;
}

/** OpenMetrics writes a bound that is an integer with its decimal point. */
function toCanonicalBound(bound: string | number): string {
  return Number.isInteger(Number(bound)) ? `${bound}.0` : String(bound);
}

function toNumberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", String.raw`\\`).replaceAll("\n", String.raw`\n`);
}

function escapeValue(text: string): string {
  return /["\\\n]/.test(text) ? escapeHelp(text).replaceAll('"', String.raw`\"`) : text;
}

/** Returns a metric of the client library in the form in which it is written, with the samples of each label set together. */
export function exposeProcessMetric(metric: ProcessMetric): ExposedMetric {
  const { name, help, type } = metric;
  const bySet = new Map<string, Sample[]>();
  for (const { metricName = name, labels, value } of metric.values) {
    const given: Record<string, string | number> = {};
    for (const [label, text] of Object.entries(labels)) if (text !== undefined) given[label] = text;
    const key = JSON.stringify({ ...given, le: undefined, quantile: undefined });
    const samples = bySet.get(key) ?? [];
    samples.push({ metricName, labels: given, value });
    bySet.set(key, samples);
  }
  return { name, help, type, series: Array.from(bySet.values(), (samples) => ({ samples })) };
}
