import { useMemo } from "preact/hooks";
import type { RunReport, SeriesPoint } from "../../../../src/load/contract/report.ts";
import { overlay, toColumns } from "../../components/chart-data.ts";
import { Chart } from "../../components/chart.tsx";
import { formatCount, formatMs, formatRate } from "../../lib/format.ts";
import { formatAxisMs, formatAxisNumber } from "../../components/axis-format.ts";

interface ChartSpec {
  readonly title: string;
  readonly value: (point: SeriesPoint) => number | null;
  readonly formatValue: (value: number) => string;
  readonly formatAxis: (value: number) => string;
}

const CHARTS: readonly ChartSpec[] = [
  {
    title: "Requests per second",
    value: (point) => point.requests_per_second,
    formatValue: formatRate,
    formatAxis: formatAxisNumber,
  },
  {
    title: "Failures per second",
    value: (point) => point.failures_per_second,
    formatValue: formatRate,
    formatAxis: formatAxisNumber,
  },
  {
    title: "p50",
    value: (point) => point.p50_ms,
    formatValue: formatMs,
    formatAxis: formatAxisMs,
  },
  {
    title: "p95",
    value: (point) => point.p95_ms,
    formatValue: formatMs,
    formatAxis: formatAxisMs,
  },
  {
    title: "p99",
    value: (point) => point.p99_ms,
    formatValue: formatMs,
    formatAxis: formatAxisMs,
  },
  {
    title: "Users",
    value: (point) => point.users,
    formatValue: formatCount,
    formatAxis: formatAxisNumber,
  },
];

const LINES = [
  { label: "A", colour: "--chart-a" },
  { label: "B", colour: "--chart-b", dashed: true },
];

interface Props {
  readonly a: RunReport;
  readonly b: RunReport;
}

/** Charts of both runs, aligned at their start. */
export function CompareCharts({ a, b }: Props) {
  return (
    <div class="charts">
      {CHARTS.map((spec) => (
        <CompareChart key={spec.title} spec={spec} a={a} b={b} />
      ))}
    </div>
  );
}

function CompareChart({ spec, a, b }: Props & { readonly spec: ChartSpec }) {
  const columns = useMemo(() => {
    const [left, right] = [a, b].map(({ series }) =>
      toColumns(series, (point) => point.elapsed_seconds, [spec.value]),
    );
    return left === undefined || right === undefined
      ? ([[], [], []] as const)
      : overlay(left, right);
  }, [a, b, spec]);
  const { title, formatValue, formatAxis } = spec;
  return (
    <Chart
      title={title}
      lines={LINES}
      columns={columns}
      marks={NO_MARKS}
      syncKey="compare"
      formatValue={formatValue}
      formatAxis={formatAxis}
      height={190}
      idle="nothing"
    />
  );
}

const NO_MARKS: readonly never[] = [];
