import { Table } from "../components/table.tsx";
import { formatCount, formatNumber, formatShare } from "../lib/format.ts";
import type { Report } from "./report.ts";

/** Width and height of the diagram, in its own units: a percent each. */
const SIZE = 100;

/** The reliability diagram: observed shares over predicted probabilities; on the diagonal they agree. */
export function Calibration({ calibration }: { readonly calibration: Report["calibration"] }) {
  if (calibration === undefined) return null;
  const bins = calibration.bins.filter(({ rows }) => rows > 0);
  const most = Math.max(...bins.map(({ rows }) => rows), 1);
  return (
    <div class="report-part">
      <h3>Calibration</h3>
      <p class="muted">
        Expected calibration error {formatNumber(calibration.expected_error)}: the mean distance
        between the probability of the predicted class and the share of correct predictions.
      </p>
      <div class="calibration">
        <svg
          class="calibration-plot"
          viewBox={`-1 -1 ${SIZE + 2} ${SIZE + 2}`}
          role="img"
          aria-label={`Reliability diagram of ${bins.length} bins. The table has the values.`}
        >
          <rect class="calibration-frame" width={SIZE} height={SIZE} />
          <path class="calibration-ideal" d={`M0 ${SIZE}L${SIZE} 0`} />
          {bins.map(({ from, rows, mean_predicted, observed }) => (
            <circle
              key={from}
              class="calibration-bin"
              cx={(mean_predicted ?? 0) * SIZE}
              cy={(1 - (observed ?? 0)) * SIZE}
              // An area in proportion to the rows, but never invisible.
              r={1.2 + 4.8 * Math.sqrt(rows / most)}
            >
              <title>
                {`${formatShare(mean_predicted)} predicted, ${formatShare(observed)} observed, ${formatCount(rows)} rows`}
              </title>
            </circle>
          ))}
        </svg>
        <p class="muted">↑ observed, → predicted, both 0 to 100 %. The diagonal is perfect.</p>
      </div>
      <Table
        caption="Calibration by probability of the predicted class"
        columns={[
          {
            id: "from",
            label: "Probability",
            key: ({ from }) => from,
            cell: ({ from, to }) => `${Math.round(100 * from)} to ${Math.round(100 * to)} %`,
          },
          {
            id: "rows",
            label: "Rows",
            key: ({ rows }) => rows,
            cell: ({ rows }) => formatCount(rows),
            align: "end",
          },
          {
            id: "predicted",
            label: "Mean predicted",
            key: ({ mean_predicted }) => mean_predicted ?? -1,
            cell: ({ mean_predicted }) => formatShare(mean_predicted),
            align: "end",
          },
          {
            id: "observed",
            label: "Observed",
            key: ({ observed }) => observed ?? -1,
            cell: ({ observed }) => formatShare(observed),
            align: "end",
          },
        ]}
        rows={bins}
        rowKey={({ from }) => String(from)}
      />
    </div>
  );
}
