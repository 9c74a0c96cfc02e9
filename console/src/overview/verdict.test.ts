import { describe, expect, it } from "vitest";
import { evaluate, type VerdictInput } from "./verdict.ts";

const WELL: VerdictInput = {
  server: { state: "ready" },
  firing: [],
  pending: 0,
  errorShare: 0,
  predictions: 5,
};
const alert = (severity: string) => ({
  labels: { alertname: "A", severity },
  annotations: {},
  state: "firing",
  value: "1",
});

describe("evaluate", () => {
  it.each([
    [{}, "good", []],
    [{ errorShare: undefined }, "good", []],
    [{ predictions: 0 }, "info", []],
    [{ server: { state: "no model" } }, "bad", ["No model is ready, so predictions fail."]],
    [{ server: { state: "stopping" } }, "warn", ["The server is draining: it stops soon."]],
    [{ errorShare: 0.25 }, "bad", ["25.0 % of requests fail."]],
    [{ errorShare: 0.002 }, "warn", ["0.20 % of requests fail."]],
    [{ firing: [alert("warning")] }, "warn", ["1 alert firing."]],
    [{ pending: 2 }, "warn", ["2 alerts pending."]],
    [
      { firing: [alert("warning"), alert("critical"), alert("critical")], predictions: 0 },
      "bad",
      ["2 critical alerts firing.", "1 alert firing."],
    ],
  ] as const)("evaluates %j as %s", (change, tone, reasons) => {
    const verdict = evaluate({ ...WELL, ...(change as Partial<VerdictInput>) });
    expect([verdict.tone, verdict.reasons]).toEqual([tone, reasons]);
  });
});
