import { describe, expect, it } from "vitest";
import type { Alert, VectorSample } from "../prometheus/client.ts";
import { toDrifts } from "./drift.ts";

const MODEL = { name: "iris", version: 1 };
const LABELS = { job: "api", model: "iris", version: "1" };
const MIN_ROWS = record("model:drift_effective_rows:min", 50);

function record(name: string, value: number, labels = {}): VectorSample {
  return { metric: { __name__: name, ...LABELS, ...labels }, value: [0, String(value)] };
}

/** The recorded series of a window. */
function recordWindow(
  window: string,
  distance: number,
  limit: number,
  effectiveRows: number,
  labels: Readonly<Record<string, string>> = { feature: "a" },
): readonly VectorSample[] {
  const kind = "output" in labels ? "output" : "feature";
  return Object.entries({ distance, distance_limit: limit, effective_rows: effectiveRows }).map(
    ([name, value]) => record(`model_${kind}:${name}:increase${window}`, value, labels),
  );
}

const alert = (alertname: string, state: string, labels = {}): Alert => ({
  labels: { alertname, ...LABELS, feature: "a", ...labels },
  annotations: {},
  state,
  value: "",
});

const read = (samples: readonly VectorSample[], alerts: readonly Alert[] = []) =>
  toDrifts("feature", MODEL, [MIN_ROWS, ...samples], alerts)("a");

describe("the drift rule's reading of a distribution", () => {
  it("is that of the shortest window with enough effective rows", () => {
    const minutes = recordWindow("5m", 1.2, 1.5, 49);
    const halfHour = recordWindow("30m", 0.31, 0.43, 250);
    expect(read([...minutes, ...halfHour])).toEqual({
      state: "alike",
      window: { text: "30 minutes", distance: 0.31, limit: 0.43, effectiveRows: 250 },
    });
    expect(read([...recordWindow("5m", 0.2, 0.5, 50), ...halfHour])).toMatchObject({
      state: "alike",
      window: { text: "5 minutes" },
    });
  });

  it("is unknown without a limit, which the rule leaves out where bins were dropped", () => {
    const samples = recordWindow("5m", 3.1, 0.5, 400).filter(
      ({ metric }) => metric["__name__"]?.includes("limit") === false,
    );
    expect(read(samples)).toEqual({ state: "unknown" });
  });

  it("has too few rows below the rule's minimum, also with a large distance", () => {
    const samples = [...recordWindow("5m", 3, 0.5, 12), ...recordWindow("30m", 3, 0.5, 20)];
    expect(read(samples)).toEqual({ state: "few", effectiveRows: 20, minRows: 50 });
  });

  it("counts 6 hours only while the last hour is quiet", () => {
    const hours = recordWindow("6h", 0.1, 0.3, 60);
    const few = [...recordWindow("30m", 0, 9, 5), ...hours];
    const rows = (value: number) =>
      record("model_feature:samples:increase1h", value, { feature: "a" });
    expect(read([...few, rows(599)])).toMatchObject({
      state: "alike",
      window: { text: "6 hours" },
    });
    expect(read([...few, rows(600)])).toEqual({ state: "few", effectiveRows: 5, minRows: 50 });
  });

  it("is drift only if the alert is pending or firing, also of the worst of several jobs", () => {
    const over = recordWindow("5m", 2.4, 0.43, 300);
    const before = recordWindow("30m", 0.2, 0.43, 900);
    const window = { text: "5 minutes", distance: 2.4, limit: 0.43, effectiveRows: 300 };
    expect(read([...over, ...before])).toEqual({ state: "unconfirmed", window });
    for (const state of ["pending", "firing"]) {
      expect(read([...before, ...over], [alert("FeatureDrift", state)])).toEqual({ state, window });
    }
    const other = recordWindow("5m", 0.1, 0.4, 80, { feature: "a", job: "other" });
    expect(read([...other, ...over], [alert("FeatureDrift", "firing")])).toEqual({
      state: "firing",
      window,
    });
    for (const labels of [{ feature: "b" }, { version: "2" }, { model: "x" }, { job: "x" }]) {
      const alerts = [alert("FeatureDrift", "firing", labels)];
      expect(read(before, alerts)).toMatchObject({ state: "alike" });
    }
    expect(read(before, [alert("RowsRepeat", "firing")])).toMatchObject({ state: "alike" });
  });

  it("belongs to the alert of each output", () => {
    const outputs = {
      prediction: "PredictionDrift",
      confidence: "ConfidenceDrift",
      p_value: "PValueDrift",
    };
    for (const [output, alertname] of Object.entries(outputs)) {
      const samples = [MIN_ROWS, ...recordWindow("5m", 1, 0.3, 90, { output })];
      const alerts = [alert(alertname, "firing", { output })];
      const toDrift = toDrifts("output", MODEL, samples, alerts);
      expect([output, toDrift(output).state]).toEqual([output, "firing"]);
      expect(toDrift("absent")).toEqual({ state: "unknown" });
    }
  });

  it("is unknown before the rules were evaluated, but an alert stands", () => {
    expect(read([])).toEqual({ state: "unknown" });
    expect(toDrifts("feature", MODEL, [], [])("a")).toEqual({ state: "unknown" });
    expect(read([], [alert("FeatureDrift", "firing")])).toEqual({
      state: "firing",
      window: undefined,
    });
  });
});
