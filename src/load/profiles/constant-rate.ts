import { MAX_USERS, POISSON, RATE } from "./fields.ts";
import { defineProfile } from "./profile.ts";

export const constantRateProfile = defineProfile({
  kind: "constant_rate",
  name: "Constant rate",
  course: "Iterations start at a constant rate",
  purpose: "Measure latency at a fixed load, however slow the server is",
  curve: "M2 8H46",
  model: "open",
  fields: { rate: RATE, poisson: POISSON, max_users: MAX_USERS },
  summary: "{rate} iterations per second, at most {max_users} at a time",
  selectedBy: ["rate"],
  changes: { rate: "rate" },
  toLoad: ({ rate, poisson, max_users }) => ({
    type: "arrivals",
    ramps: [{ from: rate, to: rate, seconds: Infinity }],
    poisson,
    max_users,
  }),
});
