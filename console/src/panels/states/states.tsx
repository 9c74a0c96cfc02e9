import { useRef } from "preact/hooks";
import { ReadableChart } from "../../components/readable-chart.tsx";
import { pickInk } from "../../grafana/colours.ts";
import { asNumber, asObject } from "../../grafana/json.ts";
import type { TimeRange } from "../../grafana/time-range.ts";
import { formatDate } from "../../grafana/time-units.ts";
import { useSize } from "../../lib/use-size.ts";
import { KeyList } from "../key-list.tsx";
import { NoValue } from "../no-value.tsx";
import type { PanelProps } from "../panel-props.ts";
import { formatTick } from "../time-series/chart-options.ts";
import { listLines } from "../time-series/columns.ts";
import { listStates, toSegments, type Segment } from "./segments.ts";

/** More rows are not readable. */
const MAX_ROWS = 60;
const AXIS_PX = 20;
const CHAR_PX = 6.6;

/** States over time; neighbors that are the same are one. */
export function StateTimeline(props: PanelProps) {
  return <States {...props} isMerged={props.panel.options["mergeValues"] !== false} />;
}

/** A cell for each sample. */
export function StatusHistory(props: PanelProps) {
  return <States {...props} isMerged={false} />;
}

interface Row {
  readonly title: string;
  readonly segments: readonly Segment[];
}

function States({ panel, frames, range, isMerged }: PanelProps & { readonly isMerged: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  const rows = listLines(frames)
    .slice(0, MAX_ROWS)
    .map((line): Row => ({ title: line.title, segments: toSegments(line, range.to, isMerged) }));
  const isEmpty = rows.every(({ segments }) => segments.length === 0);
  const { width, height } = useSize(place, !isEmpty);
  if (isEmpty) return <NoValue panel={panel} />;
  const legend = asObject(panel.options["legend"]);
  const share = asNumber(panel.options["rowHeight"]) ?? 0.9;
  return (
    <div class="time-series">
      <div ref={place} class="plot">
        {width > 60 && height > 40 && (
          <ReadableChart
            title={`${panel.title}: ${rows.map(describe).join("; ")}`}
            texts={rows.flatMap(({ title, segments }) =>
              segments.map((segment) => toSegmentText(title, segment)),
            )}
          >
            {(current) => (
              <Drawing
                rows={rows}
                range={range}
                width={width}
                height={height}
                rowShare={Math.min(Math.max(share, 0.1), 1)}
                gap={isMerged ? 0 : 1}
                hasText={panel.options["showValue"] !== "never"}
                current={findSegment(rows, current)}
              />
            )}
          </ReadableChart>
        )}
      </div>
      {legend["showLegend"] !== false && (
        <KeyList
          title={panel.title}
          keys={listStates(rows.map(({ segments }) => segments)).map(({ text, colour }) => ({
            title: text,
            colour,
            values: [],
          }))}
        />
      )}
    </div>
  );
}

function describe({ title, segments }: Row): string {
  return `${title} is ${segments.at(-1)?.text ?? "unknown"}`;
}

function toSegmentText(title: string, { text, from, to }: Segment): string {
  return `${title}: ${text}, ${toTime(from)} – ${toTime(to)}`;
}

/** Returns the segment with an index among those of all rows. */
function findSegment(rows: readonly Row[], index: number | undefined): Segment | undefined {
  return index === undefined ? undefined : rows.flatMap(({ segments }) => segments)[index];
}

interface DrawingProps {
  readonly rows: readonly Row[];
  readonly range: TimeRange;
  readonly width: number;
  readonly height: number;
  readonly rowShare: number;
  readonly gap: number;
  readonly hasText: boolean;
  /** The segment at the cursor. */
  readonly current: Segment | undefined;
}

function Drawing({ rows, range, width, height, rowShare, gap, hasText, current }: DrawingProps) {
  const longest = Math.max(...rows.map(({ title }) => title.length)) * CHAR_PX + 10;
  const left = Math.min(longest, width * 0.3);
  const most = Math.floor((left - 10) / CHAR_PX);
  const line = (height - AXIS_PX) / rows.length;
  const x = (time: number): number =>
    left + Math.min(Math.max((time - range.from) / (range.to - range.from), 0), 1) * (width - left);
  return (
    <svg class="state-plot" width={width} height={height} aria-hidden="true">
      {rows.map(({ title, segments }, index) => {
        const y = index * line + (line * (1 - rowShare)) / 2;
        return (
          <g key={`${title}${index}`}>
            <text class="state-name" x={left - 8} y={(index + 0.5) * line + 4} text-anchor="end">
              {title.length > most ? `${title.slice(0, Math.max(1, most - 1))}…` : title}
              <title>{title}</title>
            </text>
            {segments.map((segment) => {
              const { from, to, text, colour } = segment;
              const [start, end] = [x(from), x(to)];
              const isWide = end - start > text.length * CHAR_PX + 8 && line * rowShare > 15;
              return (
                <g key={from}>
                  <rect
                    x={start}
                    y={y}
                    width={Math.max(0.5, end - start - gap)}
                    height={line * rowShare}
                    fill={colour}
                    class={segment === current ? "is-current" : ""}
                    data-row={title}
                    data-state={text}
                  >
                    <title>{toSegmentText(title, segment)}</title>
                  </rect>
                  {hasText && isWide && (
                    <text
                      class="state-text"
                      x={(start + end) / 2}
                      y={(index + 0.5) * line + 4}
                      text-anchor="middle"
                      fill={pickInk(colour)}
                    >
                      {text}
                    </text>
                  )}
                </g>
              );
            })}
          </g>
        );
      })}
      <g class="plot-labels">
        {listTimes(range, (width - left) / 90).map(({ at, step }) => (
          <text key={at} x={x(at)} y={height - 5} text-anchor="middle">
            {formatTick(at / 1_000, step / 1_000)}
          </text>
        ))}
      </g>
    </svg>
  );
}

const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
].map((seconds) => seconds * 1_000);

/** Returns about `count` round times in a range, in local time. */
function listTimes(
  { from, to }: TimeRange,
  count: number,
): readonly { at: number; step: number }[] {
  const raw = (to - from) / Math.max(1, count);
  const step = TIME_STEPS.find((each) => each >= raw) ?? Math.ceil(raw / 86_400_000) * 86_400_000;
  const zone = new Date(from).getTimezoneOffset() * 60_000;
  const times: { at: number; step: number }[] = [];
  for (let at = Math.ceil((from - zone) / step) * step + zone; at < to; at += step) {
    times.push({ at, step });
  }
  return times;
}

function toTime(time: number): string {
  return formatDate(time, "HH:mm:ss", "browser");
}
