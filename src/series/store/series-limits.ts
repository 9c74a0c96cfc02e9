import type { Labels } from "../series.ts";

/**
 * The kind of a series, which decides its limit:
 *
 * - `report`: a series that a scrape reports about itself, for example `up`. It is always stored, since an alert on its absence must not
 *   fire because of a limit. There are five for each target.
 * - `essential`: a series that rules and dashboards need. A part of the limit is reserved for them.
 * - `drift`: one of the many series of features and their bins, which have a limit of their own.
 * - `other`: everything else, for example the series of other targets.
 */
export type SeriesKind = "report" | "essential" | "drift" | "other";

export interface SeriesLimits {
  /** Maximum number of series that are not of the kind `drift`. */
  readonly maxSeries: number;
  /** Maximum number of series of the kind `drift`. */
  readonly maxDriftSeries: number;
  kindOf(labels: Labels): SeriesKind;
}

/** The share of the limit that `other` series leave to essential ones. */
const RESERVED = 0.2;

/** Counts the series of a store by their kind. */
export class SeriesCounts {
  readonly #limits: SeriesLimits;
  readonly #counts: Record<SeriesKind, number> = { report: 0, essential: 0, drift: 0, other: 0 };

  constructor(limits: SeriesLimits) {
    this.#limits = limits;
  }

  kindOf(labels: Labels): SeriesKind {
    return this.#limits.kindOf(labels);
  }

  /** Returns true if one more series of this kind is within the limits. */
  admits(kind: SeriesKind): boolean {
    if (kind === "report") return true;
    const { maxSeries, maxDriftSeries } = this.#limits;
    const { report, essential, drift, other } = this.#counts;
    if (kind === "drift") return drift < maxDriftSeries;
    const left = maxSeries - report - other;
    if (kind === "essential") return essential < left;
    // Essential series beyond their share take from that of the others.
    return Math.max(essential, Math.floor(maxSeries * RESERVED)) < left;
  }

  add(kind: SeriesKind, count: number): void {
    this.#counts[kind] += count;
  }
}
