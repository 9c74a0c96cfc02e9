import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, parseAllDocuments, visit } from "yaml";
import { CONTAINER, HOST, SCRAPE } from "../../dashboards/grafana/external-metrics.ts";
import { listMetricNames } from "../../src/default-rules/promql.ts";
import { LOAD_METRICS, METRICS, type MetricDeclaration } from "../../src/metrics/names.ts";
import { listSelectors } from "../../src/promql/list-selectors.ts";
import { AGGREGATORS } from "../../src/promql/syntax/ast.ts";
import { isFunctionName } from "../../src/promql/syntax/function-signatures.ts";
import { parse } from "../../src/promql/syntax/parser.ts";
import { toMessage } from "../../src/kernel/errors.ts";
import type { Page, Part, Problem } from "./page.ts";

/** Metrics of other programs that no dashboard uses, and of the client library. */
const OF_OTHERS =
  /^(?:up|ALERTS|ALERTS_FOR_STATE|scrape_\w+|prometheus_\w+|alertmanager_\w+|node_\w+|container_\w+|process_\w+|nodejs_\w+|go_\w+|http_\w+|vector|time)$/;

/** Beginnings of names of Tepal's metrics. */
const OWN =
  /^(?:api_(?:requests?|unique|overload|auth|connection|stream|response)|model_(?:batch|class|conf|default|feature|inf|info|input|loaded|loads|ood|output|predictions|reference|request|row|stage)|load_(?:abandoned|dropped|failures|generator|request)|metrics_series|tepal_(?:build|default|memory|monitor|remote|worker))\w*$/;
/** Names that begin in the same way: a label, and short names of groups of metrics. */
const NOT_METRICS = new Set(["model_version", "model_feature", "model_output"]);

/** Returns the names of all metrics and recorded series. */
export function readMetricNames(root: string): ReadonlySet<string> {
  const declarations: readonly MetricDeclaration[] = [
    ...Object.values(METRICS),
    ...Object.values(LOAD_METRICS),
  ];
  const recorded = globSync("deploy/prometheus/rules/*.yml", { cwd: root }).flatMap((file) =>
    Array.from(
      readFileSync(join(root, file), "utf8").matchAll(/record: "?([\w:]+)/g),
      ([, name = ""]) => name,
    ),
  );
  return new Set([
    ...listMetricNames(),
    ...declarations.flatMap(({ name, type }) =>
      type === "histogram"
        ? [name, ...["bucket", "sum", "count"].map((part) => `${name}_${part}`)]
        : [name],
    ),
    ...Object.values({ ...SCRAPE, ...HOST, ...CONTAINER }),
    ...recorded,
  ]);
}

/** Checks that queries are PromQL over metrics that exist, and that metrics in inline code exist. */
export function checkMetrics(page: Page, names: ReadonlySet<string>): Problem[] {
  // Applications in the page declare metrics of their own.
  const declared = page.blocks
    .filter(({ language }) => language === "ts" || language === "yaml")
    .flatMap(({ text }) =>
      Array.from(text.matchAll(/\b(?:name|record): "?(\w+)/g), ([, name = ""]) => name),
    );
  const known = new Set([...names, ...declared]);
  const isKnown = (name: string): boolean =>
    known.has(name) ||
    OF_OTHERS.test(name) ||
    known.has(name.replace(/_(?:bucket|sum|count)$/, ""));
  // Inline PromQL may use any name as an example.
  const isPlausible = (name: string): boolean => isKnown(name) || !OWN.test(name);
  const queries = [
    ...listQueries(page).map((query) => ({ ...query, isNamed: isKnown })),
    ...listInlineQueries(page).map((query) => ({ ...query, isNamed: isPlausible })),
  ].flatMap(({ text, line, isNamed }) =>
    checkQuery(text, isNamed).map((message) => ({ path: page.path, line, message })),
  );
  const words = [...page.spans, ...page.blocks].flatMap(({ text, line }) =>
    Array.from(
      text.matchAll(/(?<![\w.$/:-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?:(?::\w+)+|(?![\w(:*…]))/g),
      ([name]) => name,
    )
      .filter((name) => OWN.test(name) && !NOT_METRICS.has(name) && !isKnown(name))
      .map((name) => ({ path: page.path, line, message: `Metric ${name} is not declared.` })),
  );
  return [...queries, ...words];
}

/** Lists inline code that can only be PromQL: a call of one of its functions, an aggregation, or a selector with matchers. */
function listInlineQueries(page: Page): readonly Part[] {
  return page.spans.filter(({ text }) => {
    const [, name = ""] = /^(\w+)(?: by \([^)]*\)| without \([^)]*\))? ?\(\S.*\)/.exec(text) ?? [];
    const isCall = isFunctionName(name) || AGGREGATORS.some((aggregator) => aggregator === name);
    const isSelector = /^[a-z]\w+\{\w+(?:=|!).*\}(?:\[\w+\])?$/.test(text);
    return (isCall || isSelector) && !text.includes("…");
  });
}

/** Lists the queries of a page: `promql` blocks, values, `query=` in commands, and `expr` in YAML. */
export function listQueries(page: Page): readonly Part[] {
  const inUrls = [...page.blocks, ...page.spans].flatMap(({ text, line }) =>
    [
      ...text.matchAll(/query(?:_range)?\?query=([^'"&\s]+)/g),
      ...text.matchAll(/--data-urlencode ['"]query=([^'\n]+?)['"](?:\s|$)/g),
    ].map(([, query = ""]) => ({ text: decode(query), line })),
  );
  const inYaml = page.blocks
    .filter(({ language }) => language === "yaml")
    .flatMap(({ text, line }) => listExpressions(text).map((expr) => ({ text: expr, line })));
  return [
    ...page.blocks
      .filter(({ language }) => language === "promql")
      .map(({ text, line }) => ({ text, line })),
    ...page.values.flatMap(({ attributes, line }) => {
      const text = attributes.get("promql");
      return text === undefined ? [] : [{ text, line }];
    }),
    ...inUrls.filter(({ text }) => !/[A-Z]{4}|…|\$/.test(text)),
    ...inYaml,
  ];
}

function decode(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll("+", " "));
  } catch {
    return query;
  }
}

function listExpressions(yaml: string): readonly string[] {
  const found: string[] = [];
  for (const document of parseAllDocuments(yaml)) {
    visit(document, {
      Map(_key, node) {
        if (!isMap(node)) return;
        const expr = node.get("expr", true);
        if (isScalar(expr) && typeof expr.value === "string") found.push(expr.value);
      },
    });
  }
  return found;
}

function checkQuery(query: string, isKnown: (name: string) => boolean): string[] {
  try {
    const selectors = listSelectors(parse(query.replaceAll(/\$__\w+/g, "1m")));
    return selectors
      .flatMap(({ name }) => name ?? [])
      .filter((name) => !isKnown(name))
      .map((name) => `Metric ${name} is not declared.`);
  } catch (error) {
    return [`Invalid PromQL ${query.trim()}: ${toMessage(error)}`];
  }
}
