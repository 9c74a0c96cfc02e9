/** Types and help of metrics, by name. A histogram and a summary have one entry for all of their series. */
export type Metadata = Readonly<Record<string, readonly MetricMetadata[]>>;

interface MetricMetadata {
  readonly type: string;
  readonly help: string;
  readonly unit?: string;
}

/** Series of histograms and summaries, and of counters in OpenMetrics. */
const SUFFIX = /_(?:bucket|sum|count|total|created|info)$/;

/** Returns the metadata of a series name; undefined if there are none. */
export function findMetadata(metadata: Metadata, name: string): MetricMetadata | undefined {
  return metadata[name]?.[0] ?? metadata[name.replace(SUFFIX, "")]?.[0];
}
