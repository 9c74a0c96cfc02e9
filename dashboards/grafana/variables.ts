import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { METRICS } from "../../src/metrics/names.ts";
import { DATASOURCE, PROMETHEUS } from "./datasource.ts";

interface LabelVariable {
  readonly label: string;
  readonly query: string;
  /** What "All" stands for; without it, for all values that the query finds. */
  readonly allValue?: string;
}

/**
 * "All" of the job is the jobs of this kind of server and not `.+`: Prometheus, Alertmanager and exporters have metrics of
 * the same names (process_…), which would be counted with it.
 */
const LABELS: Readonly<Record<string, LabelVariable>> = {
  job: { label: "Job", query: `label_values(${METRICS.apiRequestsInFlight.name}, job)` },
  instance: {
    label: "Instance",
    query: `label_values(${METRICS.apiRequestsInFlight.name}{job=~"$job"}, instance)`,
    allValue: ".+",
  },
  model: {
    label: "Model",
    query: `label_values(${METRICS.modelInfo.name}{job=~"$job", instance=~"$instance"}, model)`,
    allValue: ".+",
  },
};

/**
 * The same on all dashboards, so that links carry what was chosen; what no query of a dashboard uses is not shown on it.
 *
 * @param used whether a query of the dashboard uses a variable
 */
export function toVariables(
  used: (variable: string) => boolean,
): (DatasourceVariableBuilder | QueryVariableBuilder)[] {
  const datasource = new DatasourceVariableBuilder("datasource")
    .label("Data source")
    .type("prometheus")
    .current({ selected: true, text: PROMETHEUS.name, value: PROMETHEUS.uid });
  const labels = Object.entries(LABELS).map(([name, { label, query, allValue }]) => {
    const variable = new QueryVariableBuilder(name)
      .label(label)
      .datasource(DATASOURCE)
      .query({ query, refId: "PrometheusVariableQueryEditor-VariableQuery" })
      .definition(query)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalAsc)
      .multi(true)
      .includeAll(true)
      .current({ selected: true, text: ["All"], value: ["$__all"] })
      .hide(used(name) ? VariableHide.DontHide : VariableHide.HideVariable);
    return allValue === undefined ? variable : variable.allValue(allValue);
  });
  return [datasource, ...labels];
}
