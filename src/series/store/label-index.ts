import type { SeriesEntry } from "./series-entry.ts";
import { matchesAll } from "../matcher.ts";
import type { Matcher } from "../series.ts";

/** An index from labels to series: finds the candidates of matchers without scanning all series. */
export class LabelIndex {
  readonly #entries = new Set<SeriesEntry>();
  readonly #postings = new Map<string, Map<string, SeriesEntry[]>>();

  get size(): number {
    return this.#entries.size;
  }

  add(entry: SeriesEntry): void {
    this.#entries.add(entry);
    for (const [name, value] of entry.labels) {
      let values = this.#postings.get(name);
      if (values === undefined) this.#postings.set(name, (values = new Map()));
      const list = values.get(value);
      if (list === undefined) values.set(value, [entry]);
      else list.push(entry);
    }
  }

  remove(gone: ReadonlySet<SeriesEntry>): void {
    const touched = new Map<string, Set<string>>();
    for (const entry of gone) {
      this.#entries.delete(entry);
      for (const [name, value] of entry.labels) {
        const values = touched.get(name);
        if (values === undefined) touched.set(name, new Set([value]));
        else values.add(value);
      }
    }
    for (const [name, values] of touched) {
      const postings = this.#postings.get(name)!;
      for (const value of values) {
        const left = postings.get(value)!.filter((entry) => !gone.has(entry));
        if (left.length === 0) postings.delete(value);
        else postings.set(value, left);
      }
      if (postings.size === 0) this.#postings.delete(name);
    }
  }

  all(): Iterable<SeriesEntry> {
    return this.#entries;
  }

  names(): Iterable<string> {
    return this.#postings.keys();
  }

  /** Returns the values of a label with the number of series of each. */
  *values(name: string): Iterable<readonly [value: string, series: number]> {
    for (const [value, entries] of this.#postings.get(name) ?? []) yield [value, entries.length];
  }

  find(matchers: readonly Matcher[]): SeriesEntry[] {
    // Cheap matchers usually exclude most series.
    const cheapFirst = matchers.toSorted((a, b) => a.cost - b.cost);
    const found: SeriesEntry[] = [];
    for (const entry of this.#narrow(cheapFirst)) {
      if (matchesAll(cheapFirst, entry.labels)) found.push(entry);
    }
    return found;
  }

  /** Returns all series that can satisfy the matchers, from the smallest candidate list. */
  #narrow(matchers: readonly Matcher[]): Iterable<SeriesEntry> {
    let shortest: readonly SeriesEntry[] | undefined;
    for (const { type, name, value } of matchers) {
      if (type !== "=" || value === "") continue;
      const list = this.#postings.get(name)?.get(value) ?? [];
      if (shortest === undefined || list.length < shortest.length) shortest = list;
    }
    if (shortest !== undefined) return shortest;
    const named = matchers.find((matcher) => !matcher.matches(""));
    return named === undefined ? this.#entries : this.#union(named);
  }

  *#union(matcher: Matcher): Iterable<SeriesEntry> {
    for (const [value, entries] of this.#postings.get(matcher.name) ?? []) {
      if (matcher.matches(value)) yield* entries;
    }
  }
}
