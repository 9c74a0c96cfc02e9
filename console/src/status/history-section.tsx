import { Table, type Column } from "../components/table.tsx";
import { toExploreFragment } from "../explore/explore-place.ts";
import { formatBytes, formatCount, formatSpan } from "../lib/format.ts";
import { Facts } from "./section.tsx";
import type { Count, MonitorStatus, StatusData } from "./status-types.ts";
import { formatWhen } from "./tables.tsx";

/** Size and cardinality of the history, and the state of remote write. */
export function HistorySection({ data: { tsdb, monitor } }: { readonly data: StatusData }) {
  const head = tsdb?.headStats;
  const facts: (readonly [string, string])[] = [];
  if (head?.numSeries !== undefined) facts.push(["Series", formatCount(head.numSeries)]);
  if (head?.numLabelPairs !== undefined)
    facts.push(["Label pairs", formatCount(head.numLabelPairs)]);
  if (head?.chunkCount !== undefined && monitor === undefined) {
    facts.push(["Chunks", formatCount(head.chunkCount)]);
  }
  for (const [title, time] of [
    ["Oldest sample", head?.minTime],
    ["Newest sample", head?.maxTime],
  ] as const) {
    if (time !== undefined && time > 0)
      facts.push([title, formatWhen(new Date(time).toISOString())]);
  }
  if (monitor !== undefined) facts.push(...listMonitorFacts(monitor));
  return (
    <>
      {facts.length === 0 ? (
        <p class="muted">The server has no history.</p>
      ) : (
        <Facts facts={facts} />
      )}
      {tsdb !== undefined && (
        <div class="status-counts">
          <Counts
            title="Metrics with most series"
            unit="series"
            counts={tsdb.seriesCountByMetricName}
            isMetric
          />
          <Counts
            title="Labels with most values"
            unit="values"
            counts={tsdb.labelValueCountByLabelName}
          />
          <Counts
            title="Label pairs with most series"
            unit="series"
            counts={tsdb.seriesCountByLabelValuePair}
          />
        </div>
      )}
      {monitor !== undefined && <RemoteWrite state={monitor.remote_write} />}
    </>
  );
}

function listMonitorFacts({
  history,
  alerting,
}: MonitorStatus): readonly (readonly [string, string])[] {
  const { dropped, disk } = history;
  const lost = Object.entries(dropped).filter(([, count]) => count > 0);
  return [
    [
      "Limit of series",
      `${formatCount(history.max_series)}, and ${formatCount(history.max_drift_series)} of drift`,
    ],
    ["Retention", formatSpan(history.retention_seconds)],
    ["Memory of samples", formatBytes(history.memory_bytes)],
    [
      "On disk",
      disk === null
        ? "kept in memory only"
        : `${formatBytes(disk.bytes)}, ${disk.failures} failed writes`,
    ],
    ["Samples appended", formatCount(history.samples)],
    [
      "Samples not stored",
      lost.length === 0
        ? "none"
        : lost.map(([reason, count]) => `${formatCount(count)} ${reason}`).join(", "),
    ],
    ...(alerting === null
      ? []
      : [
          [
            "Evaluations of rules",
            `${formatCount(alerting.evaluations)}, ${alerting.failures} failed, ${alerting.missed} missed`,
          ] as const,
        ]),
  ];
}

function RemoteWrite({ state }: { readonly state: MonitorStatus["remote_write"] }) {
  return (
    <>
      <h3>Remote write</h3>
      {state === null ? (
        <p class="muted">
          Off. <code>--remote-write URL</code> sends the history to a Prometheus.
        </p>
      ) : (
        <Facts
          facts={[
            ["Acknowledged samples", formatCount(state.sent)],
            ["Pending samples", formatCount(state.pending)],
            ["Behind by", formatSpan(Math.round(state.lag_seconds))],
            ["Rejected", formatCount(state.failed)],
            ["Left the history first", formatCount(state.dropped)],
            ["Retries", formatCount(state.retries)],
          ]}
        />
      )}
    </>
  );
}

interface CountsProps {
  readonly title: string;
  readonly unit: string;
  readonly counts: readonly Count[] | null | undefined;
  /** True if names are metrics, which link to Explore. */
  readonly isMetric?: boolean;
}

function Counts({ title, unit, counts, isMetric = false }: CountsProps) {
  const columns: readonly Column<Count>[] = [
    {
      id: "name",
      label: title,
      cell: ({ name }) =>
        isMetric ? (
          <a href={toExploreFragment([`count({__name__=${JSON.stringify(name)}})`], undefined)}>
            {name}
          </a>
        ) : (
          name
        ),
    },
    {
      id: "value",
      label: unit,
      align: "end",
      key: ({ value }) => value,
      cell: ({ value }) => formatCount(value),
    },
  ];
  return (
    <Table caption={title} columns={columns} rows={counts ?? []} rowKey={({ name }) => name} />
  );
}
