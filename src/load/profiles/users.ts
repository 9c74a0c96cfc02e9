import { SPAWN_RATE, USERS } from "./fields.ts";
import { defineProfile } from "./profile.ts";

export const usersProfile = defineProfile({
  kind: "users",
  name: "Steady users",
  course: "Users start one after another and stay",
  purpose: "Measure a constant number of users",
  curve: "M2 18 14 5H46",
  model: "closed",
  // A run may start without users, to get them by an edit.
  fields: { users: { ...USERS, minimum: 0 }, spawn_rate: SPAWN_RATE },
  summary: "{users} users, {spawn_rate} started per second",
  selectedBy: [],
  changes: { users: "users", spawn_rate: "spawn_rate" },
  toLoad: ({ users, spawn_rate: spawnRate }) => ({
    type: "stages",
    stages: [{ name: "", users, spawnRate, seconds: Infinity }],
  }),
});
