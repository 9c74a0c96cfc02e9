import { toRunbookUrl, type Alert, type Recording, type RuleGroup } from "./rule.ts";

/** Formats a rule file as YAML. Strings are JSON-quoted or literal blocks. */
export function formatRuleFile(groups: readonly RuleGroup[]): string {
  const lines = groups.flatMap(({ name, interval, rules }) => [
    `  - name: ${name}`,
    ...(interval === undefined ? [] : [`    interval: ${interval}`]),
    "    rules:",
    ...rules.flatMap((rule) => ("alert" in rule ? formatAlert(rule) : formatRecording(rule))),
  ]);
  return [
    "# Generated from dashboards/rules by `npm run generate`. Edit the sources, not this file.",
    "groups:",
    ...lines,
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function formatRecording({ record, expr }: Recording): string[] {
  return [`      - record: ${record}`, ...formatExpression(expr)];
}

function formatAlert(alert: Alert): string[] {
  return [
    `      - alert: ${alert.alert}`,
    ...formatExpression(alert.expr),
    ...(alert.for === undefined ? [] : [`        for: ${alert.for}`]),
    ...formatMap("labels", { severity: alert.severity, ...alert.labels }),
    ...formatMap("annotations", {
      summary: alert.summary,
      description: alert.description,
      runbook_url: toRunbookUrl(alert.alert),
    }),
  ];
}

function formatExpression(expression: string): string[] {
  const lines = expression.split("\n");
  return ["        expr: |-", ...lines.map((line) => `          ${line}`)];
}

function formatMap(name: string, entries: Readonly<Record<string, string>>): string[] {
  return [
    `        ${name}:`,
    ...Object.entries(entries).map(([key, value]) => `          ${key}: ${JSON.stringify(value)}`),
  ];
}
