import { escapeHtml } from "../../kernel/escape-html.ts";

/**
 * Creates the page at `/prometheus/`, the URL of the data source: a list of what is there. Its links are relative, so it works behind a
 * prefix.
 *
 * @param url the Prometheus of `--prometheus-url`; null for the built-in monitor
 */
export const createPrometheusPage = (url: string | null): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Tepal: Prometheus HTTP API</title>
<h1>Prometheus HTTP API of ${url === null ? "Tepal's built-in monitor" : escapeHtml(url)}</h1>
<p>Use this URL, without a path below it, as a data source of type Prometheus in Grafana, or with any client of Prometheus's HTTP API.
There is no web interface of Prometheus.</p>
<ul>
<li><a href="api/v1/query?query=up">api/v1/query?query=up</a>: a query</li>
<li><a href="api/v1/label/__name__/values">api/v1/label/__name__/values</a>: names of metrics</li>
<li><a href="api/v1/targets">api/v1/targets</a>: scrape targets</li>
<li><a href="api/v1/rules">api/v1/rules</a>, <a href="api/v1/alerts">api/v1/alerts</a>: rules and alerts</li>
<li><a href="api/v1/status/tsdb">api/v1/status/tsdb</a>: size of the history</li>
<li><a href="api/v1/features">api/v1/features</a>: supported features</li>
<li><a href="federate?match[]=up">federate?match[]=up</a>: newest samples, for another Prometheus</li>
<li><a href="-/healthy">-/healthy</a>, <a href="-/ready">-/ready</a></li>
</ul>
</html>
`;
