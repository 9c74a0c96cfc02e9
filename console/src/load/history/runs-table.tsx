import { Button } from "../../components/button.tsx";
import { TrashIcon } from "../../components/icons.tsx";
import { numberColumn } from "../../components/number-column.ts";
import { Table, type Column } from "../../components/table.tsx";
import {
  formatClock,
  formatCount,
  formatDateTime,
  formatMs,
  formatRate,
  formatShare,
} from "../../lib/format.ts";
import { useFormatProfile } from "../profile-text.ts";
import { toFailureShare, toOutcomeText } from "../states.ts";
import { useSurroundings } from "../surroundings.ts";
import type { RunSummary } from "../../../../src/load/contract/report.ts";

interface Props {
  readonly runs: readonly RunSummary[];
  readonly currentId: string;
  readonly chosen: readonly string[];
  readonly onChoose: (id: string, isChosen: boolean) => void;
  readonly onDelete: (run: RunSummary) => void;
}

export function RunsTable({ runs, currentId, chosen, onChoose, onDelete }: Props) {
  const { toHash } = useSurroundings();
  const formatProfile = useFormatProfile();
  const columns: readonly Column<RunSummary>[] = [
    {
      id: "started",
      label: "Started",
      key: (run) => run.started_at_ms ?? 0,
      cell: (run) => (
        <span class="run-name">
          <input
            type="checkbox"
            aria-label={`Compare the run of ${formatDateTime(run.started_at_ms)}`}
            checked={chosen.includes(run.id)}
            onChange={(event) => onChoose(run.id, event.currentTarget.checked)}
          />
          <a href={toHash("runs", run.id)}>{formatDateTime(run.started_at_ms)}</a>
          {run.id === currentId && <span class="muted">shown above</span>}
        </span>
      ),
    },
    {
      id: "outcome",
      label: "Outcome",
      key: (run) => run.outcome,
      cell: (run) => {
        const [text, tone] = toOutcomeText(run.outcome);
        return <span class={`pill is-${tone}`}>{text}</span>;
      },
    },
    {
      id: "profile",
      label: "Load",
      key: (run) => formatProfile(run.profile),
      cell: (run) => (
        <>
          {formatProfile(run.profile)}
          <span class="field-hint mono">{run.host}</span>
        </>
      ),
    },
    numberColumn("duration", "Duration", toDuration, formatClock),
    numberColumn("requests", "Requests", (run) => run.total.requests, formatCount),
    numberColumn(
      "rate",
      "Req/s",
      (run) => run.total.requests_per_second,
      formatRate,
      "Requests per second over the whole run",
    ),
    {
      id: "failures",
      label: "Failures",
      align: "end",
      key: (run) => toFailureShare(run.total) ?? -1,
      cell: (run) => (
        <span class={run.total.failures > 0 ? "bad" : "muted"}>
          {formatShare(toFailureShare(run.total))}
        </span>
      ),
    },
    {
      id: "p95",
      label: "p95",
      align: "end",
      key: (run) => toTime(run).p95_ms ?? -1,
      cell: (run) => formatMs(toTime(run).p95_ms),
    },
    {
      id: "actions",
      label: "Actions",
      hidesLabel: true,
      align: "end",
      cell: (run) => (
        <Button
          look="quiet"
          small
          aria-label={`Delete the run of ${formatDateTime(run.started_at_ms)}`}
          title="Delete"
          onClick={() => onDelete(run)}
        >
          <TrashIcon />
        </Button>
      ),
    },
  ];
  return (
    <Table
      caption="Past runs"
      columns={columns}
      rows={runs}
      rowKey={(run) => run.id}
      initialSort={{ column: "started", descending: true }}
      rowClass={(run) => (chosen.includes(run.id) ? "is-chosen" : "")}
    />
  );
}

/** Seconds. */
function toDuration(run: RunSummary): number {
  return ((run.ended_at_ms ?? 0) - (run.started_at_ms ?? 0)) / 1_000;
}

function toTime({ total }: RunSummary) {
  return total.response_time ?? total.service_time;
}
