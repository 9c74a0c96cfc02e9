import { defineProfile } from "./profile.ts";

export const customProfile = defineProfile({
  kind: "custom",
  name: "Script's shape",
  course: "Number of users from the script's shape function, every second",
  purpose: "Run a load that the script computes",
  curve: "M2 16C10 2 16 2 22 11S36 17 46 4",
  model: "closed",
  fields: {},
  summary: "Script's shape",
  selectedBy: ["shape"],
  needsShape: true,
  toLoad: () => ({ type: "script" }),
});
