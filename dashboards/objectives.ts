import { fileURLToPath } from "node:url";
import { loadAlertSettings } from "../src/default-rules/settings.ts";

/** Objectives and limits of the generated dashboards and alert rules. To change one, edit the file and run `npm run generate`. */
export const OBJECTIVES = await loadAlertSettings(
  fileURLToPath(new URL("../deploy/alert-settings.json", import.meta.url)),
);
