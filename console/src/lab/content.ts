import type { LabContent } from "../../lab/lab-content.ts";

/** The build replaces this empty content (`console/lab/lab-plugin.ts`). */
export const CONTENT: LabContent = {
  recording: { startMs: 0, endMs: 0, intervalSeconds: 1, targets: [], metadata: {}, groups: [] },
  dashboards: {},
  exercises: [],
};
