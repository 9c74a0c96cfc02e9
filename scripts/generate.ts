/**
 * Writes the parts of documents that follow from the code: `npm run generate`. With `--check` it writes
 * nothing and fails when a document is not what the code says.
 */
import { readFile, writeFile } from "node:fs/promises";
import { hasDefault, toPlaceholder } from "../src/cli/declared-options.ts";
import { IMPORT_OPTIONS } from "../src/cli/import-options.ts";
import { TRAIN_OPTIONS } from "../src/cli/train-options.ts";
import { OPTIONS } from "../src/config/config.ts";
import { toFlagName, toVariableName } from "../src/config/names.ts";
import { ERROR_KINDS } from "../src/kernel/errors.ts";
import type { OptionDeclaration, OptionDeclarations } from "../src/kernel/options.ts";
import { METRICS, type MetricDeclaration } from "../src/metrics/names.ts";

interface Part {
  readonly file: string;
  /** Stands in the file as `<!-- NAME -->` … `<!-- /NAME -->`. */
  readonly name: string;
  readonly text: string;
}

const PARTS: readonly Part[] = [
  { file: "README.md", name: "server options", text: toOptionTable(OPTIONS, true) },
  { file: "README.md", name: "train options", text: toOptionTable(TRAIN_OPTIONS, false) },
  { file: "README.md", name: "import options", text: toOptionTable(IMPORT_OPTIONS, false) },
  { file: "docs/api.md", name: "errors", text: toErrorTable() },
  { file: "docs/metrics.md", name: "metrics", text: toMetricTable() },
];

function toTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => "---"), ...rows.map((row) => row.map(escapeCell))];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function escapeCell(cell: string): string {
  return cell.replaceAll("|", String.raw`\|`);
}

function toOptionTable(declarations: OptionDeclarations, variables: boolean): string {
  const rows = Object.entries(declarations).map(([name, declaration]) => [
    `\`--${toFlagName(name)} ${toValue(declaration)}\``,
    ...(variables ? [`\`${toVariableName(name)}\``] : []),
    hasDefault(declaration) ? `\`${declaration.default}\`` : "",
    declaration.help,
  ]);
  return toTable(["Flag", ...(variables ? ["Variable"] : []), "Default", "What it does"], rows);
}

function toValue(declaration: OptionDeclaration): string {
  return declaration.type === "choice" ? declaration.choices.join("|") : toPlaceholder(declaration);
}

function toErrorTable(): string {
  const rows = Object.entries(ERROR_KINDS).map(([code, { status, exitCode, title }]) => [
    `\`${code}\``,
    String(status),
    String(exitCode),
    title,
  ]);
  return toTable(["Code", "HTTP status", "Exit code", "Meaning"], rows);
}

function toMetricTable(): string {
  const declarations: readonly MetricDeclaration[] = Object.values(METRICS);
  const rows = declarations.map(({ name, type, labels, help }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(", "),
    help,
  ]);
  return toTable(["Metric", "Type", "Labels", "Meaning"], rows);
}

function fill(document: string, { file, name, text }: Part): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file} has no ${begin} … ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}

const isCheck = process.argv.includes("--check");
for (const file of new Set(PARTS.map((part) => part.file))) {
  const path = new URL(`../${file}`, import.meta.url);
  const before = await readFile(path, "utf8");
  const after = PARTS.filter((part) => part.file === file).reduce(fill, before);
  if (after === before) continue;
  if (isCheck) {
    console.error(`${file} is not what the code says: run \`npm run generate\``);
    process.exitCode = 1;
  } else {
    await writeFile(path, after);
    console.log(`wrote ${file}`);
  }
}
