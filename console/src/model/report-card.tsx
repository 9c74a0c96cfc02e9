import { Empty } from "../components/empty.tsx";
import { ShareList } from "../components/share-list.tsx";
import { Stat } from "../components/stat.tsx";
import { Table } from "../components/table.tsx";
import { formatCount, formatNumber, formatShare, formatSpan, NO_VALUE } from "../lib/format.ts";
import { Calibration } from "./calibration.tsx";
import type { Manifest } from "./manifest.ts";
import { readReport, type Report } from "./report.ts";

/** The training report in pictures: scores, confusion matrix, classes, importances. */
export function ReportCard({ manifest }: { readonly manifest: Manifest }) {
  const report = readReport(manifest.training);
  return (
    <section class="model-card is-wide" aria-labelledby="report-title">
      <h2 id="report-title">Training report</h2>
      {report === undefined ? (
        <Empty title="This version has no training report">
          It was imported, and Tepal has not seen its training. Scores and importances are those of
          the tool that trained it; a model of <code>tepal train</code> has them here.
        </Empty>
      ) : (
        <>
          <dl class="stats model-stats">
            <Scores report={report} />
            <Stat
              label={manifest.task === "classification" ? "Out-of-bag accuracy" : "Out-of-bag R²"}
              value={formatScore(report.out_of_bag.score, manifest.task)}
              note={`${formatCount(report.out_of_bag.rows)} rows`}
            />
            <Stat label="Training rows" value={formatCount(report.rows)} />
            <Stat label="Duration" value={formatSpan(Number(report.seconds.toFixed(1)))} />
          </dl>
          <p class="muted">
            Scores come from a cross-validation with {report.folds} folds: of rows that the forest
            was not trained on.
          </p>
          <div class="report-grid">
            {report.confusion !== undefined && (
              <Confusion confusion={report.confusion} classes={manifest.classes} />
            )}
            <Importances report={report} />
            <Calibration calibration={report.calibration} />
          </div>
          {report.per_class !== undefined && <Classes rows={report.per_class} />}
        </>
      )}
    </section>
  );
}

function formatScore(score: number | null, task: Manifest["task"]): string {
  if (score === null) return NO_VALUE;
  return task === "classification" ? formatShare(score) : score.toFixed(3);
}

function Scores({ report }: { readonly report: Report }) {
  const { accuracy } = report;
  if (accuracy !== undefined) {
    return (
      <>
        <Stat
          label="Accuracy"
          value={formatShare(accuracy.mean)}
          note={`± ${formatShare(accuracy.standard_deviation)}`}
        />
        <Stat label="Log loss" value={formatNumber(report.log_loss ?? null)} />
      </>
    );
  }
  return (
    <>
      <Stat label="R²" value={report.r_squared?.toFixed(3) ?? NO_VALUE} />
      <Stat label="Mean absolute error" value={formatNumber(report.mean_absolute_error ?? null)} />
      <Stat
        label="Root mean squared error"
        value={formatNumber(report.root_mean_squared_error ?? null)}
      />
    </>
  );
}

/** A larger matrix is too small to read. */
const MAX_CLASSES = 20;

function Confusion({
  confusion,
  classes,
}: {
  readonly confusion: readonly (readonly number[])[];
  readonly classes: readonly string[];
}) {
  if (classes.length > MAX_CLASSES) {
    return (
      <p class="muted">
        The confusion matrix of {classes.length} classes is in <code>GET /models/NAME</code>.
      </p>
    );
  }
  return (
    <div class="report-part">
      <h3>Confusion matrix</h3>
      <div class="matrix-scroll" tabIndex={0} role="region" aria-label="Confusion matrix">
        <table class="matrix">
          <caption class="visually-hidden">Rows by true class and predicted class</caption>
          <thead>
            <tr>
              <td class="matrix-corner">true ↓ predicted →</td>
              {classes.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {confusion.map((counts, t) => {
              const total = counts.reduce((sum, count) => sum + count, 0);
              return (
                <tr key={classes[t]}>
                  <th scope="row">{classes[t]}</th>
                  {counts.map((count, p) => (
                    <td
                      key={classes[p]}
                      class={t === p ? "is-right" : count > 0 ? "is-wrong" : ""}
                      style={{
                        "--share": `${Math.round((total === 0 ? 0 : count / total) * 32)}%`,
                      }}
                    >
                      {formatCount(count)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** Features beyond these matter little. */
const SHOWN_FEATURES = 15;

function Importances({ report }: { readonly report: Report }) {
  const shown = report.importances.slice(0, SHOWN_FEATURES);
  const highest = Math.max(...shown.map(({ share }) => share), 1e-9);
  return (
    <div class="report-part">
      <h3>Importances</h3>
      <ShareList
        label="Importances"
        shares={shown.map(({ feature, share }) => ({ name: feature, share }))}
        full={highest}
      />
      {report.importances.length > shown.length && (
        <p class="muted">
          {report.importances.length - shown.length} more features have smaller shares.
        </p>
      )}
    </div>
  );
}

function Classes({ rows }: { readonly rows: NonNullable<Report["per_class"]> }) {
  const toColumn = (id: "precision" | "recall" | "f1", label: string) => ({
    id,
    label,
    key: (row: (typeof rows)[number]) => row[id] ?? -1,
    cell: (row: (typeof rows)[number]) => formatShare(row[id]),
    align: "end" as const,
  });
  return (
    <Table
      caption="Quality by class"
      columns={[
        { id: "label", label: "Class", key: ({ label }) => label, cell: ({ label }) => label },
        toColumn("precision", "Precision"),
        toColumn("recall", "Recall"),
        toColumn("f1", "F1"),
        {
          id: "support",
          label: "Rows",
          key: ({ support }) => support,
          cell: ({ support }) => formatCount(support),
          align: "end",
        },
      ]}
      rows={rows}
      rowKey={({ label }) => String(label)}
    />
  );
}
