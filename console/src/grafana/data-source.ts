import { asObject, asObjects, asText, type Json } from "./json.ts";

/** Kinds of data sources that answer PromQL, or that stand for any. */
const OURS: ReadonlySet<string> = new Set([
  "",
  "prometheus",
  "datasource",
  "mixed",
  "grafana",
  "grafana-amazonprometheus-datasource",
  "victoriametrics-metrics-datasource",
]);

/** True for a kind of data source that does not answer PromQL, for example `loki`. */
export function isForeignSource(kind: string): boolean {
  return !OURS.has(kind);
}

/** Creates a function that returns the kind of a `datasource` of JSON; empty if it states none. */
export function createSourceKinds(dashboard: Json): (datasource: unknown) => string {
  const inputs = asObjects(dashboard["__inputs"]).map(({ name, pluginId }) => [name, pluginId]);
  const variables = asObjects(asObject(dashboard["templating"])["list"])
    .filter(({ type }) => type === "datasource")
    .map(({ name, query }) => [name, query]);
  const kinds = new Map(
    [...inputs, ...variables].map(([name, kind]) => [asText(name), asText(kind)]),
  );
  return (datasource) => {
    const { uid, type } = asObject(datasource);
    const reference = typeof datasource === "string" ? datasource : asText(uid);
    const [, name = ""] = /^\$\{?(\w+)\}?$/.exec(reference) ?? [];
    return kinds.get(name) ?? asText(type);
  };
}
