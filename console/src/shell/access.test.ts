import { describe, expect, it } from "vitest";
import { findObstacle, joinRoles, listSufficient } from "./access.ts";
import { PAGES } from "./pages.ts";
import type { ServerState } from "./server-state.ts";

const OPEN: ServerState = {
  state: "ready",
  now: 0,
  monitor: "ready",
  key_required: false,
  role: null,
  allows: ["predict", "metrics", "load"],
  version: null,
  model: null,
};
const PREDICT: ServerState = { ...OPEN, key_required: true, role: "predict", allows: ["predict"] };

describe("access to a page", () => {
  it.each([
    ["all pages without keys", OPEN, "monitor", undefined, undefined],
    [
      "no page without a key that is required",
      { ...PREDICT, role: null, allows: [] },
      "server",
      undefined,
      { kind: "sign-in" },
    ],
    ["predictions with the role predict", PREDICT, "server", undefined, undefined],
    [
      "no history with the role predict",
      PREDICT,
      "monitor",
      undefined,
      { kind: "role", needed: "metrics" },
    ],
    [
      "the role of the page before its default",
      PREDICT,
      "server",
      "load",
      { kind: "role", needed: "load" },
    ],
    [
      "no history without a monitor",
      { ...OPEN, monitor: "absent" },
      "monitor",
      undefined,
      { kind: "no monitor" },
    ],
    [
      "predictions without a monitor",
      { ...OPEN, monitor: "absent" },
      "server",
      undefined,
      undefined,
    ],
    [
      "a monitor that starts",
      { ...OPEN, monitor: "starting" },
      "monitor",
      undefined,
      { kind: "monitor starts" },
    ],
  ] as const)("is decided for %s", (_name, server, needs, role, obstacle) => {
    expect(findObstacle({ needs, ...(role !== undefined && { role }) }, server)).toEqual(obstacle);
  });

  it("requires the role metrics for Status, which reads /admin/status and the Prometheus API", () => {
    const status = PAGES.find(({ id }) => id === "status")!;
    const metrics = { ...PREDICT, role: "metrics", allows: ["metrics"] } as const;
    expect(findObstacle(status, metrics)).toBeUndefined();
    expect(findObstacle(status, PREDICT)).toEqual({ kind: "role", needed: "metrics" });
  });

  it("names the roles that suffice", () => {
    expect(joinRoles(listSufficient("metrics"))).toBe("metrics, load or admin");
    expect(joinRoles(listSufficient("load"))).toBe("load or admin");
    expect(joinRoles(listSufficient("admin"))).toBe("admin");
  });
});
