import { useMemo } from "preact/hooks";
import type { RunReport, SeriesPoint } from "../../../src/load/contract/report.ts";
import { toColumns } from "../components/chart-data.ts";
import type { ChartMark } from "../components/chart-marks.ts";
import type { ChartLine } from "../components/chart-options.ts";
import { Chart } from "../components/chart.tsx";
import { Empty } from "../components/empty.tsx";
import { formatAxisMs, formatAxisNumber } from "../components/axis-format.ts";
import { formatCount, formatMs, formatRate } from "../lib/format.ts";

interface ChartDescription {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly values: readonly ((point: SeriesPoint) => number | null)[];
  readonly formatValue: (value: number) => string;
  readonly formatAxis: (value: number) => string;
}

const RATES: ChartDescription = {
  title: "Requests per second",
  lines: [
    { label: "Requests", colour: "--chart-1", filled: true },
    { label: "Failures", colour: "--chart-2", filled: true },
  ],
  values: [(point) => point.requests_per_second, (point) => point.failures_per_second],
  formatValue: formatRate,
  formatAxis: formatAxisNumber,
};

const TIMES: Omit<ChartDescription, "title"> = {
  lines: [
    { label: "p50", colour: "--chart-3" },
    { label: "p95", colour: "--chart-4" },
    { label: "p99", colour: "--chart-5" },
  ],
  values: [(point) => point.p50_ms, (point) => point.p95_ms, (point) => point.p99_ms],
  formatValue: formatMs,
  formatAxis: formatAxisMs,
};

const USERS: Omit<ChartDescription, "title"> = {
  lines: [{ label: "Users", colour: "--chart-6", filled: true }],
  values: [(point) => point.users],
  formatValue: formatCount,
  formatAxis: formatAxisNumber,
};

const LATENESS: ChartDescription = {
  title: "Load generator",
  lines: [{ label: "Lateness p99", colour: "--chart-1" }],
  values: [(point) => point.lateness_p99_ms],
  formatValue: formatMs,
  formatAxis: formatAxisMs,
};

const DROPPED: ChartDescription = {
  title: "Dropped arrivals",
  lines: [{ label: "Dropped per second", colour: "--chart-2", filled: true }],
  values: [(point) => point.dropped],
  formatValue: formatCount,
  formatAxis: formatAxisNumber,
};

/** Charts of the run, one point per second. */
export function ChartsTab({ report }: { readonly report: RunReport }) {
  const { series, total } = report;
  const marks = useMemo(() => toMarks(report.marks), [report.marks]);
  if (series.length === 0) {
    return <Empty title="No data yet">A run adds one point per second.</Empty>;
  }
  const isOpen = total.response_time !== null;
  const charts: readonly ChartDescription[] = [
    RATES,
    { ...TIMES, title: total.response_time === null ? "Service time" : "Response time" },
    { ...USERS, title: isOpen ? "Iterations in progress" : "Users" },
    isOpen && report.generator.dropped > 0 ? DROPPED : LATENESS,
  ];
  return (
    <div class="charts">
      <h2 class="visually-hidden">Charts</h2>
      {charts.map(({ values, ...description }) => (
        <RunChart
          key={description.title}
          {...description}
          values={values}
          series={series}
          marks={marks}
        />
      ))}
    </div>
  );
}

interface RunChartProps extends ChartDescription {
  readonly series: readonly SeriesPoint[];
  readonly marks: readonly ChartMark[];
}

function RunChart({ series, values, marks, ...rest }: RunChartProps) {
  const columns = useMemo(
    () => toColumns(series, (point) => point.elapsed_seconds, values),
    [series, values],
  );
  return <Chart {...rest} columns={columns} marks={marks} syncKey="run" />;
}

export function toMarks(marks: RunReport["marks"]): readonly ChartMark[] {
  return marks.map(({ elapsed_seconds: at, kind, text }) => ({
    at,
    text: text === "" ? kind : text,
    quiet: kind === "start",
  }));
}
