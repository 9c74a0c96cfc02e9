import { listDefaultAlerts, renderDefaultRules } from "../src/default-rules/default-rules.ts";
import { DEFAULT_SERVER_URL } from "../src/default-rules/settings.ts";
import { OBJECTIVES } from "./objectives.ts";

/** All alerts in the order of the rule files. */
export const ALERTS = listDefaultAlerts(OBJECTIVES);

/** Renders the rule files of Prometheus. @returns content by path from the repository root */
export function renderRules(): ReadonlyMap<string, string> {
  return new Map(
    [...renderDefaultRules(OBJECTIVES, DEFAULT_SERVER_URL)].map(([name, text]) => [
      `deploy/prometheus/rules/${name}`,
      text,
    ]),
  );
}
