import { compareLabels, compareUtf8 } from "../../series/labels.ts";
import type { Labels, Matcher } from "../../series/series.ts";
import { toResult, TRUNCATED, type ApiResult, type ApiParts, type Endpoint } from "./api.ts";
import { readSelectors } from "./selectors.ts";
import { formatLabels } from "./write-value.ts";
import {
  withParameterName,
  createBadData,
  EARLIEST_MS,
  LATEST_MS,
  readLimit,
  readOptionalTime,
} from "./parameters.ts";

/** `labels`: the label names of all or of selected series. */
export const labels: Endpoint = (parts, { parameters }) => {
  const limit = readLimit(parameters);
  const range = readRange(parameters);
  const selectors = readSelectors(parameters);
  if (isEverything(selectors, range)) return toList(parts.store.labelNames(), limit);
  const names = new Set<string>();
  for (const one of find(parts, selectors, range)) for (const name of one.keys()) names.add(name);
  return toList(names, limit);
};

/** `label/:name/values`: the values of a label. */
export const labelValues: Endpoint = (parts, { parameters, name: written }) => {
  const name = written.startsWith("U__") ? unescapeName(written) : written;
  if (name === "") throw createBadData(`invalid label name: ${JSON.stringify(written)}`);
  const limit = readLimit(parameters);
  const range = readRange(parameters);
  const selectors = readSelectors(parameters);
  if (isEverything(selectors, range)) {
    return toList(
      Array.from(parts.store.labelValues(name), ([value]) => value),
      limit,
    );
  }
  const values = new Set<string>();
  for (const one of find(parts, selectors, range)) {
    const value = one.get(name);
    if (value !== undefined) values.add(value);
  }
  return toList(values, limit);
};

/** `series`: the label sets of selected series. */
export const series: Endpoint = (parts, { parameters }) => {
  if (!parameters.has("match[]")) throw createBadData("no match[] parameter provided");
  const limit = readLimit(parameters);
  const range = readRange(parameters);
  const selectors = withParameterName("match[]", () => readSelectors(parameters));
  const found = find(parts, selectors, range).toSorted(compareLabels);
  const kept = found.length > limit ? found.slice(0, limit) : found;
  return {
    write(out) {
      let before = "[";
      for (const one of kept) {
        out.add(before + formatLabels(one));
        before = ",";
      }
      out.add(kept.length === 0 ? "[]" : "]");
    },
    warnings: kept === found ? [] : [TRUNCATED],
  };
};

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

function readRange(parameters: URLSearchParams): Range {
  const fromMs = readOptionalTime(parameters, "start", EARLIEST_MS);
  return { fromMs, toMs: readOptionalTime(parameters, "end", LATEST_MS) };
}

function isEverything(selectors: readonly unknown[], { fromMs, toMs }: Range): boolean {
  return selectors.length === 0 && fromMs === EARLIEST_MS && toMs === LATEST_MS;
}

function find(
  { store }: ApiParts,
  selectors: readonly (readonly Matcher[])[],
  { fromMs, toMs }: Range,
): Labels[] {
  return store.find(selectors, fromMs, toMs);
}

function toList(values: Iterable<string>, limit: number): ApiResult {
  const sorted = [...values].toSorted(compareUtf8);
  if (sorted.length <= limit) return toResult(sorted);
  return toResult(sorted.slice(0, limit), [TRUNCATED]);
}

/** Decodes Prometheus's escaping of UTF-8 label names: `U__http_2e_status` is `http.status`. */
function unescapeName(written: string): string {
  return written
    .slice("U__".length)
    .replaceAll(/_(?:([0-9a-fA-F]+)_|_)/g, (_all, code?: string) =>
      code === undefined ? "_" : String.fromCodePoint(Number.parseInt(code, 16)),
    );
}
