import { PROMETHEUS } from "./datasource.ts";

const HEAD =
  "# Generated from dashboards/grafana by `npm run generate`. Edit the sources, not this file.\n";

/** Folder of the dashboard files in the container. */
const FOLDER = "/var/lib/grafana/dashboards";

export function renderDatasources(): string {
  return `${HEAD}apiVersion: 1
datasources:
  - name: ${PROMETHEUS.name}
    uid: ${PROMETHEUS.uid}
    type: prometheus
    access: proxy
    url: ${PROMETHEUS.url}
    isDefault: true
    editable: false
    jsonData:
      httpMethod: POST
      timeInterval: ${PROMETHEUS.timeInterval}
      prometheusType: Prometheus
`;
}

export function renderProvider(): string {
  return `${HEAD}apiVersion: 1
providers:
  - name: tepal
    type: file
    folder: Tepal
    disableDeletion: true
    allowUiUpdates: true
    updateIntervalSeconds: 30
    options:
      path: ${FOLDER}
`;
}
