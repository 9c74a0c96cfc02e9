import { defineProfile } from "./profile.ts";
import { STAGED_FIELDS, toPart } from "./staged.ts";

export const recoveryProfile = defineProfile({
  kind: "recovery",
  name: "Recovery",
  course: "20 % of users, 100 %, 20 % for two stages",
  purpose: "Measure how soon latency is normal again",
  curve: "M2 15H13L15 4H23L25 15H46",
  model: "closed",
  fields: STAGED_FIELDS,
  summary: "Recovery: {users} users, {stage_seconds} per stage",
  selectedBy: ["shape"],
  recovery: { baseline: "baseline", overload: "overload" },
  toLoad({ users, spawn_rate: spawnRate, stage_seconds: seconds }) {
    const normal = toPart(users, 0.2);
    return {
      type: "stages",
      stages: [
        { name: "baseline", users: normal, spawnRate, seconds },
        { name: "overload", users, spawnRate, seconds },
        { name: "recovery", users: normal, spawnRate, seconds: 2 * seconds },
      ],
    };
  },
});
