import type { ClassMetrics } from "./evaluate.ts";
import { formatTable, toShortName } from "./format-table.ts";
import type { TrainingReport } from "./training-report.ts";

type Classification = Extract<TrainingReport, { task: "classification" }>;
type Regression = Extract<TrainingReport, { task: "regression" }>;

const TERMINAL_WIDTH = 80;
const BAR_WIDTH = 40;
/** Maximum length of a list; the JSON report contains all of it. */
const MAX_LINES = 20;
const MAX_ERRORS = 10;

/** Formats the report as plain text: at most 80 columns, ending with a line feed. */
export function formatReport(report: TrainingReport): string {
  const sections =
    report.task === "classification"
      ? [
          formatAccuracy(report),
          formatClasses(report.per_class),
          formatConfusion(report),
          formatCalibration(report),
          formatImportances(report),
        ]
      : [formatErrors(report), formatImportances(report)];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function formatAccuracy(report: Classification): string[] {
  const { accuracy, log_loss, per_class, folds } = report;
  return [
    `${toSize(report)}, ${per_class.length} classes, ${report.seconds.toFixed(1)} s`,
    "",
    `Rows held out in ${folds}-fold cross-validation`,
    `  accuracy    ${toShare(accuracy.mean)} ± ${toShare(accuracy.standard_deviation)} over the folds`,
    `  log-loss    ${toShare(log_loss)}`,
    `  calibration ${toShare(report.calibration.expected_error)} expected error`,
    `  out of bag  ${toOutOfBag(report)}`,
  ];
}

function formatErrors(report: Regression): string[] {
  return [
    `${toSize(report)}, ${report.seconds.toFixed(1)} s`,
    "",
    `Rows held out in ${report.folds}-fold cross-validation`,
    `  R²                       ${toShare(report.r_squared)}`,
    `  mean absolute error      ${toDigits(report.mean_absolute_error)}`,
    `  root mean squared error  ${toDigits(report.root_mean_squared_error)}`,
    `  out-of-bag R²            ${toOutOfBag(report)}`,
  ];
}

function formatClasses(classes: readonly ClassMetrics[]): string[] {
  const shown =
    classes.length <= MAX_LINES
      ? classes
      : classes.toSorted((a, b) => (a.f1 ?? 1) - (b.f1 ?? 1)).slice(0, MAX_LINES);
  const title = shown === classes ? "Class" : `The ${MAX_LINES} worst`;
  return formatTable([
    [title, "rows", "precision", "recall", "F1"],
    ...shown.map(({ label, support, precision, recall, f1 }) => [
      String(label),
      String(support),
      toShare(precision),
      toShare(recall),
      toShare(f1),
    ]),
  ]);
}

/** The whole matrix, or the most frequent errors if it is too wide. */
function formatConfusion({ confusion, per_class }: Classification): string[] {
  const names = per_class.map(({ label }) => toShortName(String(label)));
  const table = formatTable([
    ["True \\ predicted", ...names],
    ...confusion.map((counts, t) => [names[t]!, ...counts.map(String)]),
  ]);
  const fits = table.every((line) => line.length <= TERMINAL_WIDTH);
  if (fits && names.length <= MAX_LINES) return table;

  const errors = confusion
    .flatMap((counts, t) => counts.map((rows, p) => ({ t, p, rows })))
    .filter(({ t, p, rows }) => t !== p && rows > 0)
    .toSorted((a, b) => b.rows - a.rows);
  return formatTable([
    ["Errors: true", "predicted", "rows"],
    ...errors.slice(0, MAX_ERRORS).map(({ t, p, rows }) => [names[t]!, names[p]!, String(rows)]),
    ...toRest(errors.length - MAX_ERRORS),
  ]);
}

/** Bins without rows are left out. */
function formatCalibration({ calibration }: Classification): string[] {
  return formatTable([
    ["Calibration", "rows", "mean predicted", "observed"],
    ...calibration.bins
      .filter(({ rows }) => rows > 0)
      .map(({ from, to, rows, mean_predicted, observed }) => [
        `${from.toFixed(1)} to ${to.toFixed(1)}`,
        String(rows),
        toShare(mean_predicted),
        toShare(observed),
      ]),
  ]);
}

function formatImportances({ importances }: TrainingReport): string[] {
  const largest = importances[0]?.share ?? 0;
  return formatTable([
    ["Importance", ""],
    ...importances
      .slice(0, MAX_LINES)
      .map(({ feature, share }) => [feature, toShare(share), toBar(share, largest)]),
    ...toRest(importances.length - MAX_LINES),
  ]);
}

function toRest(hidden: number): string[][] {
  return hidden > 0 ? [[`and ${hidden} more`]] : [];
}

function toBar(share: number, largest: number): string {
  const filled = largest === 0 ? 0 : Math.round((share / largest) * BAR_WIDTH);
  return "█".repeat(filled).padEnd(BAR_WIDTH);
}

function toSize({ rows, features }: TrainingReport): string {
  return `${rows} rows, ${features} ${features === 1 ? "feature" : "features"}`;
}

function toOutOfBag({ out_of_bag, rows }: TrainingReport): string {
  const coverage = out_of_bag.rows === rows ? "" : ` (${out_of_bag.rows} of ${rows} rows)`;
  return `${toShare(out_of_bag.score)} of the final forest${coverage}`;
}

/** Formats a share or a score; "–" without a value. */
function toShare(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}

/** Formats a number to 4 digits. */
function toDigits(value: number): string {
  return String(Number(value.toPrecision(4)));
}
