import { formatFloat } from "../../promql/format-number.ts";
import { compareLabels, compareUtf8 } from "../../series/labels.ts";
import { METRIC_NAME, type Labels } from "../../series/series.ts";
import type { Endpoint } from "./api.ts";
import { readSelectors } from "./selectors.ts";

/** Prometheus's default lookback. */
const LOOKBACK_MS = 300_000;
const LEGACY_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

interface Newest {
  readonly labels: Labels;
  readonly value: number;
  readonly timeMs: number;
}

/**
 * `/federate`: the newest samples of selected series in the text format, with the labels of `--external-label`, for another Prometheus to
 * scrape.
 */
export const federate: Endpoint = ({ store, clock, info, limits }, { parameters }) => {
  const selectors = readSelectors(parameters);
  const nowMs = clock.nowMs();
  const newest = new Map<string, Newest>();
  for (const matchers of selectors) {
    const selected = store.select(matchers, nowMs - LOOKBACK_MS, nowMs, limits.maxSamples);
    for (const { labels, times, values, stale } of selected) {
      const at = times.findLastIndex((time) => time <= nowMs);
      if (at < 0 || times[at]! < nowMs - LOOKBACK_MS || stale?.[at] === 1) continue;
      newest.set(printLabels(labels), { labels, value: values[at]!, timeMs: times[at]! });
    }
  }
  // Without a label `instance`, the scraping server would add its own.
  const added = Object.entries({ instance: "", ...info.externalLabels }).toSorted(([a], [b]) =>
    compareUtf8(a, b),
  );
  const sorted = [...newest.values()].toSorted(
    (a, b) => compareUtf8(toName(a.labels), toName(b.labels)) || compareLabels(a.labels, b.labels),
  );
  return {
    writeExposition(out) {
      let before: string | undefined;
      for (const { labels, value, timeMs } of sorted) {
        const name = toName(labels);
        if (name !== before) out.add(`# TYPE ${printName(name)} untyped\n`);
        before = name;
        const missing = added.filter(([label]) => !labels.has(label));
        out.add(`${printSeries(labels, missing)} ${formatFloat(value)} ${timeMs}\n`);
      }
    },
  };
};

function toName(labels: Labels): string {
  return labels.get(METRIC_NAME) ?? "";
}

function printSeries(
  labels: Labels,
  added: readonly (readonly [name: string, value: string])[],
): string {
  const name = toName(labels);
  const isLegacy = LEGACY_NAME.test(name);
  const pairs = [...labels, ...added]
    .filter(([label]) => label !== METRIC_NAME)
    .map(([label, value]) => `${printLabel(label)}="${escape(value)}"`);
  const inside = isLegacy ? pairs : [`"${escape(name)}"`, ...pairs];
  return `${isLegacy ? name : ""}{${inside.join(",")}}`;
}

const printLabels = (labels: Labels): string => printSeries(labels, []);

/** Prints a metric's name; one that is not legacy in quotes, as in the text format 1.0.0. */
function printName(name: string): string {
  return LEGACY_NAME.test(name) ? name : `"${escape(name)}"`;
}

function printLabel(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : `"${escape(name)}"`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
