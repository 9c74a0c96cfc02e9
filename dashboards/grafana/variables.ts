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
  /** Regular expression for "All". Default: all values that the query returns. */
  readonly allValue?: string;
}

/**
 * "All" jobs are the jobs of Tepal servers, not `.+`: Prometheus, Alertmanager and exporters expose metrics of the same
 * names (process_…), which would be included.
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
 * Creates the variables. They are the same on all dashboards, so that links keep the selection; a variable that no query of
 * the dashboard uses is hidden.
 *
 * @param used returns true if a query of the dashboard uses the variable
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
