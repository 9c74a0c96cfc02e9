import type { FailureStatistics, RunReport } from "../../../src/load/contract/report.ts";
import { Empty } from "../components/empty.tsx";
import { numberColumn } from "../components/number-column.ts";
import { Table, type Column } from "../components/table.tsx";
import { formatCount, formatShare, formatTime } from "../lib/format.ts";
import { Endpoint } from "./statistics/endpoint-table.tsx";

/** Failures by endpoint and kind. */
export function FailuresTab({ report }: { readonly report: RunReport }) {
  const { failures, total } = report;
  if (failures.length === 0) {
    return (
      <Empty title={total.requests === 0 ? "No requests yet" : "No failures"}>
        {total.requests === 0
          ? "Failures are listed here by kind."
          : `All ${formatCount(total.requests)} requests so far got the replies that the script expects.`}
      </Empty>
    );
  }
  const columns: readonly Column<FailureStatistics>[] = [
    {
      id: "kind",
      label: "Failure",
      key: (row) => row.kind,
      cell: (row) => <span class="failure-kind">{row.kind}</span>,
    },
    {
      id: "name",
      label: "Endpoint",
      key: (row) => row.name,
      cell: (row) => <Endpoint method={row.method} name={row.name} />,
    },
    numberColumn("count", "Count", (row) => row.count, formatCount),
    numberColumn(
      "share",
      "Share of failures",
      (row) => row.count / Math.max(total.failures, 1),
      formatShare,
    ),
    numberColumn("first", "First seen", (row) => row.first_seen_ms, formatTime),
    numberColumn("last", "Last seen", (row) => row.last_seen_ms, formatTime),
  ];
  return (
    <Table
      caption="Failures by kind"
      columns={columns}
      rows={failures}
      rowKey={(row) => `${row.method} ${row.name} ${row.kind}`}
      initialSort={{ column: "count", descending: true }}
    />
  );
}
