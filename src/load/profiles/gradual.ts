import { defineProfile } from "./profile.ts";
import { STAGED_FIELDS, toPart } from "./staged.ts";

const STEPS = [0.2, 0.4, 0.6, 0.8, 1];

export const gradualProfile = defineProfile({
  kind: "gradual",
  name: "Gradual",
  course: "20 %, 40 %, 60 %, 80 %, 100 % of users",
  purpose: "Find the load at which latency rises",
  curve: "M2 18V15H11V12H20V9H29V6H38V3H46V18",
  model: "closed",
  fields: STAGED_FIELDS,
  summary: "Gradual: {users} users, {stage_seconds} per stage",
  selectedBy: ["shape"],
  toLoad: ({ users, spawn_rate: spawnRate, stage_seconds: seconds }) => ({
    type: "stages",
    stages: STEPS.map((share) => ({
      name: `${Math.round(share * 100)} %`,
      users: toPart(users, share),
      spawnRate,
      seconds,
    })),
  }),
});
