import { defineProfile } from "./profile.ts";
import { STAGED_FIELDS, toPart } from "./staged.ts";

export const stressProfile = defineProfile({
  kind: "stress",
  name: "Stress",
  course: "10 % of users, 100 % for three stages, 10 %",
  purpose: "Sustain a load far above normal",
  curve: "M2 16H11L13 4H35L37 16H46",
  model: "closed",
  fields: STAGED_FIELDS,
  summary: "Stress: {users} users, {stage_seconds} per stage",
  selectedBy: ["shape"],
  toLoad({ users, spawn_rate: spawnRate, stage_seconds: seconds }) {
    const few = toPart(users, 0.1);
    return {
      type: "stages",
      stages: [
        { name: "warm-up", users: few, spawnRate, seconds },
        { name: "stress", users, spawnRate, seconds: 3 * seconds },
        { name: "cool-down", users: few, spawnRate, seconds },
      ],
    };
  },
});
