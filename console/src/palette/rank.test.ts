import { describe, expect, it } from "vitest";
import { findEntries, type Entry, type Group } from "./rank.ts";

const entry = (group: Group, title: string, detail = ""): Entry => ({
  group,
  title,
  detail,
  href: `#/${title}`,
});
const ENTRIES = [
  entry("Pages", "Explore", "PromQL expressions"),
  entry("Dashboards", "Overview"),
  entry("Panels", "p95 latency", "Overview"),
  entry("Panels", "Latency percentiles", "Overview"),
  entry("Metrics", "api_request_latency_seconds", "Time of a request"),
  entry("Features", "petal_length", "iris"),
];

const find = (query: string): readonly (readonly string[])[] =>
  findEntries(ENTRIES, query).map(({ group, entries }) => [
    group,
    ...entries.map(({ title }) => title),
  ]);

describe("findEntries", () => {
  it("lists pages and dashboards before a query", () => {
    expect(find(" ")).toEqual([
      ["Pages", "Explore"],
      ["Dashboards", "Overview"],
    ]);
  });

  it("requires every word, in any order, in title or detail", () => {
    expect(find("latency overview")).toEqual([["Panels", "Latency percentiles", "p95 latency"]]);
    expect(find("latency absent")).toEqual([]);
  });

  it("prefers the start of a title, then the start of a word", () => {
    expect(find("LATENCY")).toEqual([
      ["Panels", "Latency percentiles", "p95 latency"],
      ["Metrics", "api_request_latency_seconds"],
    ]);
    expect(find("length")).toEqual([["Features", "petal_length"]]);
    expect(find("expr")).toEqual([["Pages", "Explore"]]);
    // An exact title comes before one that has the word in its place.
    expect(find("overview")).toEqual([
      ["Dashboards", "Overview"],
      ["Panels", "p95 latency", "Latency percentiles"],
    ]);
  });

  it("counts the matches that it does not list", () => {
    const many = Array.from({ length: 11 }, (_, i) => entry("Metrics", `metric_${i}`));
    const [matches] = findEntries(many, "metric");
    expect([matches!.entries.length, matches!.more]).toEqual([8, 3]);
  });
});
