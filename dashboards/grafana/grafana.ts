import { toDashboard } from "./dashboard.ts";
import type { DashboardDefinition } from "./dashboard-definition.ts";
import { LATENCY_ANALYSIS } from "./latency-analysis.ts";
import { LOAD_TESTING } from "./load-testing.ts";
import { MODEL } from "./model.ts";
import { OVERVIEW } from "./overview.ts";
import { renderDatasources, renderProvider } from "./provisioning.ts";
import { REQUEST_ANALYSIS } from "./request-analysis.ts";
import { RESOURCES } from "./resources.ts";

/** All dashboards, in reading order. */
export const DASHBOARDS: readonly DashboardDefinition[] = [
  OVERVIEW,
  LATENCY_ANALYSIS,
  REQUEST_ANALYSIS,
  LOAD_TESTING,
  MODEL,
  RESOURCES,
];

/** Renders Grafana's dashboards and provisioning files. @returns content by path from the repository root */
export function renderGrafana(): ReadonlyMap<string, string> {
  const dashboards = DASHBOARDS.map(
    (definition) =>
      [
        `deploy/grafana/dashboards/${definition.uid}.json`,
        `${JSON.stringify(toDashboard(definition), null, 2)}\n`,
      ] as const,
  );
  return new Map([
    ...dashboards,
    ["deploy/grafana/provisioning/datasources/prometheus.yml", renderDatasources()],
    ["deploy/grafana/provisioning/dashboards/tepal.yml", renderProvider()],
  ]);
}
