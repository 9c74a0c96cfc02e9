import { useMemo } from "preact/hooks";
import type { RunReport, SeriesPoint } from "../../../../src/load/contract/report.ts";
import { formatAxisMs, formatAxisNumber } from "../../components/axis-format.ts";
import type { ChartMark } from "../../components/chart-marks.ts";
import type { ChartLine } from "../../components/chart-options.ts";
import { Chart } from "../../components/chart.tsx";
import type { Columns } from "../../components/chart-data.ts";
import { Empty, Loading } from "../../components/empty.tsx";
import { Notice } from "../../components/notice.tsx";
import { TableFrame } from "../../components/table-frame.tsx";
import { formatCount, formatMs, formatNumber, formatRate, NO_VALUE } from "../../lib/format.ts";
import type { Client } from "../../prometheus/client.ts";
import { toMarks } from "../charts-tab.tsx";
import { interpolate, type Measurement } from "./server-measurements.ts";
import { useServerMeasurements, type ServerMeasurements } from "./use-server-measurements.ts";

interface Line extends ChartLine {
  /** From the client's points, or a measurement of the server. */
  readonly from: ((point: SeriesPoint) => number | null) | Measurement["id"];
}

interface Description {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly formatValue: (value: number) => string;
  readonly formatAxis: (value: number) => string;
}

const formatCores = (value: number): string => `${formatNumber(value)} %`;
const TIMES = { formatValue: formatMs, formatAxis: formatAxisMs };
const NUMBERS = { formatValue: formatRate, formatAxis: formatAxisNumber };

const CHARTS: readonly Description[] = [
  {
    title: "Latency p95",
    lines: [
      { label: "Client", colour: "--chart-4", from: (point) => point.p95_ms },
      { label: "Server", colour: "--chart-1", dashed: true, from: "p95" },
    ],
    ...TIMES,
  },
  {
    title: "Latency p99",
    lines: [
      { label: "Client", colour: "--chart-5", from: (point) => point.p99_ms },
      { label: "Server", colour: "--chart-1", dashed: true, from: "p99" },
    ],
    ...TIMES,
  },
  {
    title: "Requests per second",
    lines: [
      { label: "Client", colour: "--chart-4", from: (point) => point.requests_per_second },
      { label: "Server", colour: "--chart-1", dashed: true, from: "rate" },
    ],
    ...NUMBERS,
  },
  {
    title: "Users and requests in flight",
    lines: [
      { label: "Users", colour: "--chart-6", from: (point) => point.users },
      { label: "In flight", colour: "--chart-1", dashed: true, from: "inFlight" },
    ],
    ...NUMBERS,
  },
  {
    title: "CPU of the server",
    lines: [{ label: "CPU (100 % = one core)", colour: "--chart-3", filled: true, from: "cpu" }],
    formatValue: formatCores,
    formatAxis: (value) => `${formatAxisNumber(value)} %`,
  },
  {
    title: "Event loop delay p99",
    lines: [{ label: "Delay", colour: "--chart-2", filled: true, from: "lag" }],
    ...TIMES,
  },
];

interface Props {
  readonly report: RunReport;
  readonly client: Client;
}

/** The client's measurements beside those of the server, on one time axis. */
export function ServerTab({ report, client }: Props) {
  const { data, error } = useServerMeasurements(report, client);
  const marks = useMemo(() => toMarks(report.marks), [report.marks]);
  if (report.series.length === 0) {
    return (
      <Empty title="No data yet">
        A run shows here how long the server took, beside how long its users waited.
      </Empty>
    );
  }
  if (data === undefined) {
    if (error === undefined) return <Loading what="Loading the server's measurements…" />;
    return (
      <Empty title="The server's measurements are not available">
        {error.failure === "absent"
          ? "The built-in monitor records them. Start the server with --monitor."
          : error.message}
      </Empty>
    );
  }
  return (
    <div class="stack">
      {error !== undefined && (
        <Notice tone="warn" title="The server's measurements are not up to date" live>
          {error.message}
        </Notice>
      )}
      <Comparison report={report} measured={data} />
      <div class="charts">
        <h2 class="visually-hidden">Client and server over time</h2>
        {CHARTS.map((description) => (
          <BothChart
            key={description.title}
            description={description}
            series={report.series}
            measured={data}
            marks={marks}
          />
        ))}
      </div>
      <p class="field-hint">
        The server is scraped every {formatCount(data.span.window / 3)} s. Its rates and percentiles
        are of {formatCount(data.span.window)} s, drawn in the middle of that time, so short peaks
        are lower than those of the client. Its percentiles are interpolated within the buckets of a
        histogram.
      </p>
    </div>
  );
}

function Comparison({
  report,
  measured,
}: {
  readonly report: RunReport;
  readonly measured: ServerMeasurements;
}) {
  const { response_time: responseTime, service_time: serviceTime } = report.total;
  const isOpen = responseTime !== null;
  const client = responseTime ?? serviceTime;
  return (
    <section class="stack-small comparison" aria-label="Whole run">
      <h2>Whole run</h2>
      <TableFrame label="Latency at the client and in the server">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Latency</th>
              <th scope="col" class="align-end">
                Client
              </th>
              <th scope="col" class="align-end">
                Server
              </th>
              <th scope="col" class="align-end">
                Outside of the server
              </th>
            </tr>
          </thead>
          <tbody>
            {(["p50", "p95", "p99"] as const).map((name) => {
              const atClient = client[`${name}_ms`];
              const inServer = measured.total[name];
              return (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="align-end">{formatMs(atClient)}</td>
                  <td class="align-end">{formatMs(inServer)}</td>
                  <td class="align-end">
                    {atClient === null || inServer === null
                      ? NO_VALUE
                      : formatMs(Math.max(0, atClient - inServer))}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </TableFrame>
      <p class="field-hint">
        The server measures from the head of a request to the end of its reply. The client also
        waits for the connection and for the server to read the request: under overload, most of the
        time passes in this queue, which the server does not see.{" "}
        {isOpen
          ? "In this open model, response time begins when a request was due, so it includes the wait for a free user."
          : "In this closed model, users send nothing while they wait, so even the client's times leave out how long other clients would have waited (coordinated omission). An arrival rate shows it."}
      </p>
    </section>
  );
}

interface BothChartProps {
  readonly description: Description;
  readonly series: readonly SeriesPoint[];
  readonly measured: ServerMeasurements;
  readonly marks: readonly ChartMark[];
}

function BothChart({ description, series, measured, marks }: BothChartProps) {
  const { lines } = description;
  const columns = useMemo<Columns>(() => {
    const moments = series.map((point) => point.elapsed_seconds);
    const { values, span } = measured;
    return [
      moments,
      ...lines.map(({ from }) =>
        typeof from === "function"
          ? series.map(from)
          : interpolate(values[from], moments, span.step),
      ),
    ];
  }, [series, measured, lines]);
  return <Chart {...description} columns={columns} marks={marks} syncKey="run" />;
}
