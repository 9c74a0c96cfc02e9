/**
 * Writes generated files and parts of documents: `npm run generate`. With `--check` it writes nothing and fails if one of them
 * is out of date.
 */
import { globSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { renderDeployment } from "../dashboards/generate.ts";
import { DASHBOARDS } from "../dashboards/grafana/grafana.ts";
import type { Alert } from "../src/default-rules/rule.ts";
import { ALERTS } from "../dashboards/rules.ts";
import { hasDefault, toFlag, toPlaceholder } from "../src/cli/options/declared-options.ts";
import { ALERT_SETTINGS } from "../src/default-rules/settings.ts";
import { LOAD_OPTIONS } from "../src/cli/options/load-options.ts";
import { LOAD_PAGE_OPTIONS } from "../src/cli/options/load-page-options.ts";
import { PROFILE_OPTIONS } from "../src/cli/options/profile-options.ts";
import { SCORE_OPTIONS } from "../src/cli/options/score-options.ts";
import { IMPORT_OPTIONS, TRAIN_OPTIONS } from "../src/training/options.ts";
import { SERVER_OPTIONS } from "../src/config/config.ts";
import { HTTP_OPTIONS } from "../src/http/options.ts";
import { MODEL_OPTIONS } from "../src/model/options.ts";
import { MONITOR_OPTIONS } from "../src/monitor/options.ts";
import { SERVING_OPTIONS } from "../src/serving/options.ts";
import { toVariableName } from "../src/config/names.ts";
import { COMMAND_ERRORS, REQUEST_ERRORS } from "../src/kernel/errors.ts";
import type { OptionDeclaration, OptionDeclarations } from "../src/kernel/options.ts";
import { PROFILES } from "../src/load/profiles/profiles.ts";
import { LOAD_METRICS, METRICS, type MetricDeclaration } from "../src/metrics/names.ts";
import { RULE_CASES } from "../test/deploy/rule-cases.ts";
import { renderWasm, WASM_SOURCES } from "./compile-wasm.ts";
import { insertResults, readResults } from "./docs/benchmarks.ts";
import { checkModules } from "./modules/check-modules.ts";
import { renderLintRules } from "./modules/render-lint-rules.ts";
import { renderTree } from "./modules/render-tree.ts";
import { collectQuestions, renderHandsOn, renderQuestions } from "./tutorial/render-questions.ts";
import { describeDrawing, drawStall } from "./tutorial/render-stall.ts";
import { readTutorial } from "./tutorial/read-tutorial.ts";

interface Part {
  readonly file: string;
  /** The part of the file between `<!-- NAME -->` and `<!-- /NAME -->`. */
  readonly name: string;
  readonly text: string;
}

const QUESTIONS = collectQuestions(await readTutorial());
/** More words do not fit beside a flag on a terminal. */
const MAX_HELP_WORDS = 12;

const OPTIONS_PAGE = "docs/options.md";
const PARTS: readonly Part[] = [
  { file: OPTIONS_PAGE, name: "http options", text: toOptionTable(HTTP_OPTIONS, true) },
  {
    file: OPTIONS_PAGE,
    name: "model options",
    text: toOptionTable({ ...MODEL_OPTIONS, ...SERVING_OPTIONS }, true),
  },
  { file: OPTIONS_PAGE, name: "monitor options", text: toOptionTable(MONITOR_OPTIONS, true) },
  { file: OPTIONS_PAGE, name: "process options", text: toOptionTable(SERVER_OPTIONS, true) },
  { file: OPTIONS_PAGE, name: "train options", text: toOptionTable(TRAIN_OPTIONS, false) },
  { file: OPTIONS_PAGE, name: "import options", text: toOptionTable(IMPORT_OPTIONS, false) },
  { file: OPTIONS_PAGE, name: "score options", text: toOptionTable(SCORE_OPTIONS, false) },
  { file: "docs/api.md", name: "request errors", text: toRequestErrorTable() },
  { file: "docs/api.md", name: "command errors", text: toCommandErrorTable() },
  { file: "docs/metrics.md", name: "metrics", text: toMetricTable(METRICS) },
  { file: "docs/alerting.md", name: "alerts", text: toAlertTable(ALERTS) },
  { file: "docs/alerting.md", name: "messages", text: toMessageTable() },
  { file: "docs/alerting.md", name: "alert settings", text: toSettingTable() },
  { file: "docs/load-testing.md", name: "load profiles", text: toProfileTable() },
  {
    file: "docs/load-testing.md",
    name: "load options",
    text: toOptionTable({ ...LOAD_OPTIONS, ...PROFILE_OPTIONS }, false),
  },
  {
    file: "docs/load-page.md",
    name: "load page options",
    text: toOptionTable(LOAD_PAGE_OPTIONS, false),
  },
  { file: "docs/load-page.md", name: "load metrics", text: toMetricTable(LOAD_METRICS) },
  { file: "docs/dashboards.md", name: "dashboards", text: toDashboardTable() },
  { file: "docs/architecture.md", name: "modules", text: renderTree() },
  {
    file: "docs/tutorial/questions.md",
    name: "questions",
    text: renderQuestions(QUESTIONS),
  },
  { file: "docs/tutorial/README.md", name: "hands-on", text: renderHandsOn(QUESTIONS) },
];

function toTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => "---"), ...rows.map((row) => row.map(escapeCell))];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function escapeCell(cell: string): string {
  return cell.replaceAll("|", String.raw`\|`);
}

/** @throws Error for a help that is too long */
function toOptionTable(declarations: OptionDeclarations, variables: boolean): string {
  for (const [name, { help }] of Object.entries(declarations)) {
    const words = help.split(/\s+/).length;
    if (words > MAX_HELP_WORDS) {
      throw new Error(`${name}: Expected a help of at most ${MAX_HELP_WORDS} words, got ${words}.`);
    }
  }
  const rows = Object.entries(declarations).map(([name, declaration]) => [
    `\`${`${toFlag(name, declaration)} ${toValue(declaration)}`.trim()}\``,
    ...(variables ? [`\`${toVariableName(name)}\``] : []),
    hasDefault(declaration) ? `\`${declaration.default}\`` : "",
    declaration.help,
  ]);
  return toTable(["Flag", ...(variables ? ["Variable"] : []), "Default", "Description"], rows);
}

function toValue(declaration: OptionDeclaration): string {
  return declaration.type === "choice" ? declaration.choices.join("|") : toPlaceholder(declaration);
}

/** Lists the first case of each alert in which it fires. Tests compare the cases with what Prometheus and the built-in evaluator send. */
function toMessageTable(): string {
  const cases = new Map(
    RULE_CASES.filter(({ fires }) => fires.length > 0)
      .toReversed()
      .map((one) => [one.alert, one]),
  );
  const rows = [...new Set(ALERTS.map(({ alert }) => alert))].flatMap((alert) => {
    const fired = cases.get(alert)?.fires[0];
    return fired === undefined ? [] : [[alert, fired.summary, fired.description]];
  });
  return toTable(["Alert", "`summary`", "`description`"], rows);
}

function toSettingTable(): string {
  const rows = Object.entries(ALERT_SETTINGS).map(([name, declaration]) => [
    `\`${name}\``,
    declaration.default === null ? "" : `\`${declaration.default}\``,
    declaration.help,
  ]);
  return toTable(["Setting", "Default", "Meaning"], rows);
}

function toProfileTable(): string {
  const rows = PROFILES.map(({ kind, fields, course, purpose }) => [
    `\`${kind}\``,
    Object.keys(fields)
      .map((name) => `\`${name}\``)
      .join(", "),
    course,
    purpose,
  ]);
  return toTable(["Profile", "Fields", "Load over time", "Purpose"], rows);
}

function toRequestErrorTable(): string {
  const rows = Object.entries(REQUEST_ERRORS).map(([code, { status, title }]) => [
    `\`${code}\``,
    String(status),
    title,
  ]);
  return toTable(["Code", "HTTP status", "Title"], rows);
}

function toCommandErrorTable(): string {
  const rows = Object.entries(COMMAND_ERRORS).map(([code, { exitCode, title }]) => [
    `\`${code}\``,
    String(exitCode),
    title,
  ]);
  return toTable(["Code", "Exit code", "Meaning"], rows);
}

function toMetricTable(declarations: Readonly<Record<string, MetricDeclaration>>): string {
  const rows = Object.values(declarations).map(({ name, type, labels, help }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(", "),
    help,
  ]);
  return toTable(["Metric", "Type", "Labels", "Meaning"], rows);
}

function toAlertTable(alerts: readonly Alert[]): string {
  const rows = alerts.map(({ alert, severity, for: duration, condition }) => [
    `[${alert}](runbooks/${alert}.md)`,
    severity,
    condition,
    duration ?? "at once",
  ]);
  return toTable(["Alert", "Severity", "Fires when", "For"], rows);
}

function fill(document: string, { file, name, text }: Part): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file} has no ${begin} … ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}

function toDashboardTable(): string {
  const rows = DASHBOARDS.map(({ uid, title, description, rows: parts }) => [
    `**${title}** \`/d/${uid}\``,
    description,
    parts.map((part) => part.title).join("; "),
  ]);
  return toTable(["Dashboard", "Questions", "Rows"], rows);
}

const isCheck = process.argv.includes("--check");

/** Writes a file, or checks it. @param text returns the new content from the old one; undefined for a missing file */
async function update(
  file: string,
  text: (before: string | undefined) => string | Promise<string>,
): Promise<void> {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const before = await readFile(path, "utf8").catch(() => undefined);
  const after = await text(before);
  if (after === before) return;
  if (isCheck) {
    console.error(`${file} is out of date: run \`npm run generate\``);
    process.exitCode = 1;
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, after);
  console.log(`wrote ${file}`);
}

for (const file of new Set(PARTS.map((part) => part.file))) {
  await update(file, (before) => {
    if (before === undefined) throw new Error(`${file} is missing`);
    return PARTS.filter((part) => part.file === file).reduce(fill, before);
  });
}
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const RESULTS = readResults(ROOT);
for (const file of globSync(["README.md", "docs/**/*.md"], { cwd: ROOT }).toSorted()) {
  await update(file, (before = "") => insertResults(file, before, RESULTS));
}
const stall = RESULTS.get("stall");
if (stall !== undefined) {
  await update("docs/images/tutorial/coordinated-omission.svg", (before = "") =>
    drawStall(before, stall),
  );
  await update("docs/tutorial/understanding/load-tests.md", (before = "") =>
    describeDrawing(before, stall),
  );
}
for (const [file, text] of renderDeployment()) await update(file, () => text);
for (const wasm of WASM_SOURCES) {
  await update(wasm.target, (before) => renderWasm(wasm, before));
}
await checkModules(ROOT);
await update(".oxlintrc.modules.json", () => renderLintRules());
