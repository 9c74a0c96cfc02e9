import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/promql/index.ts";
import { runCases } from "./run-cases.ts";

const FILES = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test"));

describe("our own cases, in Prometheus's format", () => {
  // The settings of Prometheus's own runner, and Prometheus's defaults.
  const modes = [true, false].flatMap((delayed) => FILES.map((name) => ({ name, delayed })));

  it.each(modes)("$name, delayed name removal $delayed", ({ name, delayed }) => {
    const text = readFileSync(`${import.meta.dirname}/${name}`, "utf8");
    const outcomes = runCases(createEngine({ delayedNameRemoval: delayed }), text);
    expect(outcomes.length).toBeGreaterThan(8);
    expect(outcomes.filter(({ failure }) => failure !== undefined)).toEqual([]);
  });
});
