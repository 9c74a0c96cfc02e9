import { useMemo, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Loading } from "../components/empty.tsx";
import { TextField } from "../components/field.tsx";
import { CrossIcon } from "../components/icons.tsx";
import { Notice } from "../components/notice.tsx";
import { Segments } from "../components/segments.tsx";
import { Table, type Column } from "../components/table.tsx";
import { formatUnit } from "../grafana/units.ts";
import { formatPlural } from "../lib/format.ts";
import type { Client } from "../prometheus/client.ts";
import { useReply } from "../shell/use-reply.ts";
import type { Metadata } from "./metadata.ts";
import {
  countLabelValues,
  countSeries,
  listMetrics,
  readCardinality,
  searchMetrics,
  type Cardinality,
  type MetricRow,
} from "./metrics-data.ts";

/** Rows that are drawn at once; a search finds the others. */
const MAX_ROWS = 100;
const MAX_VALUES = 12;

interface Props {
  readonly client: Client;
  readonly names: readonly string[];
  readonly metadata: Metadata;
  /** The time at which series are counted. */
  readonly timeMs: number;
  /** Inserts text into the expression. */
  readonly onInsert: (text: string) => void;
  readonly onClose: () => void;
}

/** The metrics of the server: what they are, and what they cost. */
export function MetricsBrowser({ client, names, metadata, timeMs, onInsert, onClose }: Props) {
  const [tab, setTab] = useState<"metrics" | "labels">("metrics");
  const [search, setSearch] = useState("");
  const [opened, setOpened] = useState<string>();
  const timeSeconds = timeMs / 1_000;
  const counts = useReply((signal) => countSeries(client, timeSeconds, signal), [client, timeMs]);
  const cardinality = useReply((signal) => readCardinality(client, signal), [client, timeMs]);
  const rows = useMemo(
    () => listMetrics(names, counts.data ?? new Map(), metadata),
    [names, counts.data, metadata],
  );
  const found = useMemo(() => searchMetrics(rows, search), [rows, search]);
  const series = rows.reduce((sum, row) => sum + row.series, 0);

  return (
    <section class="browser" aria-label="Metrics browser">
      <div class="browser-head">
        <h2>Metrics</h2>
        <Segments
          label="Lists"
          options={[
            ["metrics", "Metrics"],
            ["labels", "Labels"],
          ]}
          value={tab}
          onChange={setTab}
        />
        <Button look="quiet" small aria-label="Close the metrics browser" onClick={onClose}>
          <CrossIcon />
        </Button>
      </div>
      {tab === "labels" ? (
        <Labels cardinality={cardinality.data} problem={cardinality.problem} />
      ) : (
        <>
          <p class="browser-facts muted" role="status">
            {counts.data === undefined
              ? formatPlural(rows.length, "metric")
              : `${formatPlural(rows.length, "metric")}, ${formatPlural(series, "series", "series")} with a sample in the last 5 minutes`}
          </p>
          <TextField
            label="Search in names and help"
            value={search}
            onInput={setSearch}
            placeholder="latency seconds"
          />
          {counts.problem !== undefined && <Notice tone="bad">{counts.problem}</Notice>}
          <Table
            caption="Metrics"
            rows={found.slice(0, MAX_ROWS)}
            rowKey={({ name }) => name}
            columns={createColumns(onInsert, opened, setOpened)}
          />
          {found.length === 0 && (
            <p class="muted">No metric has these words in its name or help.</p>
          )}
          {found.length > MAX_ROWS && (
            <p class="muted">
              The first {MAX_ROWS} of {found.length.toLocaleString("en")}: search for the others.
            </p>
          )}
          {opened !== undefined && (
            <MetricLabels
              client={client}
              metric={opened}
              timeSeconds={timeSeconds}
              onInsert={onInsert}
              onClose={() => setOpened(undefined)}
            />
          )}
        </>
      )}
    </section>
  );
}

function createColumns(
  onInsert: (text: string) => void,
  opened: string | undefined,
  onOpen: (name: string | undefined) => void,
): readonly Column<MetricRow>[] {
  return [
    {
      id: "name",
      label: "Name",
      key: ({ name }) => name,
      cell: ({ name }) => (
        <button
          type="button"
          class="metric-name mono"
          title="Insert into the expression"
          onClick={() => onInsert(name)}
        >
          {name}
        </button>
      ),
    },
    { id: "type", label: "Type", key: ({ type }) => type, cell: ({ type }) => type },
    {
      id: "series",
      label: "Series",
      align: "end",
      key: ({ series }) => series,
      cell: ({ name, series }) => (
        <button
          type="button"
          class="series-count"
          aria-expanded={opened === name}
          aria-label={`Labels of ${name}, ${formatPlural(series, "series", "series")}`}
          onClick={() => onOpen(opened === name ? undefined : name)}
        >
          {series.toLocaleString("en")}
        </button>
      ),
    },
    { id: "help", label: "Help", cell: ({ help }) => <span class="metric-help">{help}</span> },
  ];
}

interface MetricLabelsProps {
  readonly client: Client;
  readonly metric: string;
  readonly timeSeconds: number;
  readonly onInsert: (text: string) => void;
  readonly onClose: () => void;
}

/** The labels of a metric, with the number of series of each value. */
function MetricLabels({ client, metric, timeSeconds, onInsert, onClose }: MetricLabelsProps) {
  const { data, problem } = useReply(
    async (signal) => ({
      metric,
      labels: await countLabelValues(client, metric, timeSeconds, signal),
    }),
    [client, metric, timeSeconds],
  );
  const isCurrent = data?.metric === metric;
  return (
    <section class="metric-labels" aria-label={`Labels of ${metric}`}>
      <div class="browser-head">
        <h3 class="mono">{metric}</h3>
        <Button look="quiet" small aria-label={`Close the labels of ${metric}`} onClick={onClose}>
          <CrossIcon />
        </Button>
      </div>
      {problem !== undefined && <Notice tone="bad">{problem}</Notice>}
      {!isCurrent && problem === undefined && <Loading what="Counting series…" />}
      {isCurrent && data.labels.length === 0 && <p class="muted">No labels.</p>}
      {isCurrent &&
        data.labels.map(({ name, values }) => (
          <div key={name} class="metric-label">
            <p>
              <code>{name}</code> <span class="muted">{formatPlural(values.length, "value")}</span>
            </p>
            <ul class="value-list">
              {values.slice(0, MAX_VALUES).map(([value, series]) => (
                <li key={value}>
                  <button
                    type="button"
                    class="mono"
                    title="Insert a selector with this value"
                    onClick={() => onInsert(`${metric}{${name}=${JSON.stringify(value)}}`)}
                  >
                    {value}
                  </button>{" "}
                  <span class="muted">{series.toLocaleString("en")}</span>
                </li>
              ))}
              {values.length > MAX_VALUES && (
                <li class="muted">and {values.length - MAX_VALUES} more</li>
              )}
            </ul>
          </div>
        ))}
    </section>
  );
}

interface LabelsProps {
  readonly cardinality: Cardinality | undefined;
  readonly problem: string | undefined;
}

/** The labels of all metrics, by their number of values. */
function Labels({ cardinality, problem }: LabelsProps) {
  if (cardinality === undefined) {
    return (
      <p class="muted">{problem ?? "This server does not count labels: it has no status/tsdb."}</p>
    );
  }
  const { headStats, labelValueCountByLabelName, memoryInBytesByLabelName } = cardinality;
  const bytes = new Map(memoryInBytesByLabelName.map(({ name, value }) => [name, value]));
  return (
    <>
      <p class="browser-facts muted" role="status">
        {formatPlural(headStats.numSeries, "series", "series")} in the history, also those that have
        ended
      </p>
      <Table
        caption="Labels by their number of values"
        rows={labelValueCountByLabelName}
        rowKey={({ name }) => name}
        columns={[
          {
            id: "label",
            label: "Label",
            key: ({ name }) => name,
            cell: ({ name }) => <code>{name}</code>,
          },
          {
            id: "values",
            label: "Values",
            align: "end",
            key: ({ value }) => value,
            cell: ({ value }) => value.toLocaleString("en"),
          },
          {
            id: "bytes",
            label: "Size of the values",
            align: "end",
            key: ({ name }) => bytes.get(name) ?? 0,
            cell: ({ name }) => toBytes(bytes.get(name)),
          },
        ]}
      />
      <Table
        caption="Label values with the most series"
        rows={cardinality.seriesCountByLabelValuePair}
        rowKey={({ name }) => name}
        columns={[
          {
            id: "pair",
            label: "Label value",
            key: ({ name }) => name,
            cell: ({ name }) => <code>{name}</code>,
          },
          {
            id: "series",
            label: "Series",
            align: "end",
            key: ({ value }) => value,
            cell: ({ value }) => value.toLocaleString("en"),
          },
        ]}
      />
    </>
  );
}

function toBytes(bytes: number | undefined): string {
  if (bytes === undefined) return "–";
  const { text, suffix } = formatUnit("bytes", bytes, undefined);
  return `${text}${suffix}`;
}
