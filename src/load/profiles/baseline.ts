import { defineProfile } from "./profile.ts";
import { STAGED_FIELDS } from "./staged.ts";

export const baselineProfile = defineProfile({
  kind: "baseline",
  name: "Baseline",
  course: "100 % of users for one stage",
  purpose: "Record results to compare with",
  curve: "M2 18V9H40V18",
  model: "closed",
  fields: STAGED_FIELDS,
  summary: "Baseline: {users} users, {stage_seconds} per stage",
  selectedBy: ["shape"],
  toLoad: ({ users, spawn_rate: spawnRate, stage_seconds: seconds }) => ({
    type: "stages",
    stages: [{ name: "baseline", users, spawnRate, seconds }],
  }),
});
