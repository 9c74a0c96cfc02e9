import type { EndpointStatistics, RunReport } from "../../../../src/load/contract/report.ts";
import { numberColumn } from "../../components/number-column.ts";
import { Table, type Column } from "../../components/table.tsx";
import {
  formatBytes,
  formatCount,
  formatNumber,
  formatRate,
  formatShare,
  NO_VALUE,
} from "../../lib/format.ts";
import { isInProgress, toFailureShare } from "../states.ts";

export type TimeKind = "service_time" | "response_time" | "failure_time";

const TIMES = [
  ["mean_ms", "Mean", "Arithmetic mean"],
  ["min_ms", "Min", "Shortest"],
  ["p50_ms", "p50", "50 % of requests took at most this long"],
  ["p90_ms", "p90", "90 % of requests took at most this long"],
  ["p95_ms", "p95", "95 % of requests took at most this long"],
  ["p99_ms", "p99", "99 % of requests took at most this long"],
  ["p999_ms", "p99.9", "99.9 % of requests took at most this long"],
  ["max_ms", "Max", "Longest"],
] as const;

/** Note of the column and below the table. */
export const SIZE_NOTE =
  "Mean size: bytes of reply bodies per completed request; a failure without a reply counts with 0.";

interface Props {
  readonly report: RunReport;
  readonly time: TimeKind;
}

/** A row for each endpoint, and the total at the bottom. */
export function EndpointTable({ report, time }: Props) {
  const going = isInProgress(report.state);
  const hasAbandoned = report.total.abandoned > 0;
  const columns: readonly Column<EndpointStatistics>[] = [
    {
      id: "name",
      label: "Endpoint",
      key: (row) => row.name,
      cell: (row) => <Endpoint method={row.method} name={row.name} />,
    },
    numberColumn("requests", "Requests", (row) => row.requests, formatCount),
    {
      id: "failures",
      label: "Failures",
      key: (row) => row.failures,
      align: "end",
      cell: (row) => <Failures row={row} />,
    },
    going
      ? numberColumn(
          "now",
          "Req/s",
          (row) => row.current_requests_per_second,
          formatRate,
          "Requests per second over the last ten seconds",
        )
      : numberColumn(
          "rate",
          "Req/s",
          (row) => row.requests_per_second,
          formatRate,
          "Requests per second over the whole run",
        ),
    going
      ? numberColumn(
          "fails",
          "Fail/s",
          (row) => row.current_failures_per_second,
          formatRate,
          "Failures per second over the last ten seconds",
        )
      : numberColumn(
          "fails",
          "Fail/s",
          (row) => row.failures_per_second,
          formatRate,
          "Failures per second over the whole run",
        ),
    ...TIMES.map(([field, label, title]): Column<EndpointStatistics> => ({
      id: field,
      label,
      unit: "ms",
      title,
      align: "end",
      key: (row) => row[time]?.[field] ?? -1,
      cell: (row) => {
        const value = row[time]?.[field] ?? null;
        return value === null ? <span class="muted">{NO_VALUE}</span> : formatNumber(value);
      },
    })),
    numberColumn(
      "bytes",
      "Mean size",
      (row) => (row.requests === 0 ? null : row.received_bytes / row.requests),
      formatBytes,
      SIZE_NOTE,
    ),
    ...(hasAbandoned
      ? [
          numberColumn<EndpointStatistics>(
            "abandoned",
            "Abandoned",
            (row) => row.abandoned,
            formatCount,
            "Sent, but without a reply at the end of the run",
          ),
        ]
      : []),
  ];
  return (
    <Table
      caption="Statistics by endpoint"
      columns={columns}
      rows={report.endpoints}
      rowKey={(row) => `${row.method} ${row.name}`}
      footer={[report.total]}
    />
  );
}

/** Method and name, for example `POST predict`. */
export function Endpoint({ method, name }: { readonly method: string; readonly name: string }) {
  return (
    <span class="endpoint">
      {method !== "" && <span class="method">{method}</span>}
      <span class="endpoint-name">{name}</span>
    </span>
  );
}

function Failures({ row }: { readonly row: EndpointStatistics }) {
  if (row.failures === 0) return <span class="muted">0</span>;
  return (
    <span class="bad">
      {formatCount(row.failures)} <span class="cell-note">{formatShare(toFailureShare(row))}</span>
    </span>
  );
}
