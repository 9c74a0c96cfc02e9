import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Dropdown } from "../components/dropdown.tsx";
import { TextField } from "../components/field.tsx";
import { ClockIcon, ResetIcon, ZoomOutIcon } from "../components/icons.tsx";
import { describeRange, resolveRange, type RawRange } from "../grafana/time-range.ts";
import { formatDateTime } from "../lib/format.ts";
import { nowMs } from "../lib/server-clock.ts";
import type { Time } from "./use-time.ts";

const RANGES = ["5m", "15m", "30m", "1h", "3h", "6h", "12h", "24h", "2d", "7d"];
const REFRESHES = ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"];

/** The time range of a page, and how often it is refreshed. */
export function TimeControls({ time }: { readonly time: Time }) {
  const { raw: range, refresh } = time;
  const text = describeRange(range) ?? `${toLabel(range.from)} – ${toLabel(range.to)}`;
  const choices =
    REFRESHES.includes(refresh) || refresh === "" ? REFRESHES : [refresh, ...REFRESHES];
  return (
    <div class="time-controls">
      <Dropdown
        align="end"
        name={`Time range: ${text}`}
        label={
          <>
            <ClockIcon />
            <span class="dropdown-text">{text}</span>
          </>
        }
      >
        {(close) => (
          <RangePanel
            range={range}
            onRange={(next) => {
              time.setRange(next);
              close();
            }}
          />
        )}
      </Dropdown>
      <Button
        look="plain"
        small
        aria-label="Zoom out"
        title="Zoom out: twice the time range"
        onClick={time.zoomOut}
      >
        <ZoomOutIcon />
      </Button>
      <span class="refresh">
        <Button
          look="plain"
          small
          aria-label="Refresh now"
          title="Refresh now"
          onClick={time.again}
        >
          <ResetIcon />
        </Button>
        <label class="select">
          <span class="visually-hidden">Refresh every</span>
          <select
            value={refresh}
            onChange={({ currentTarget }) => time.setRefresh(currentTarget.value)}
          >
            <option value="">Off</option>
            {choices.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
      </span>
    </div>
  );
}

function toLabel(text: string): string {
  return /^\d{10,}$/.test(text) ? formatDateTime(Number(text)) : text;
}

interface RangePanelProps {
  readonly range: RawRange;
  readonly onRange: (range: RawRange) => void;
}

function RangePanel({ range, onRange }: RangePanelProps) {
  const [from, setFrom] = useState(toEditable(range.from));
  const [to, setTo] = useState(toEditable(range.to));
  const [problem, setProblem] = useState<string>();
  return (
    <div class="range-panel">
      <ul>
        {RANGES.map((each) => {
          const choice = { from: `now-${each}`, to: "now" };
          const isCurrent = range.from === choice.from && range.to === "now";
          return (
            <li key={each}>
              <button
                type="button"
                class="option"
                aria-current={isCurrent}
                {...(isCurrent && { "data-first": "" })}
                onClick={() => onRange(choice)}
              >
                {describeRange(choice)}
              </button>
            </li>
          );
        })}
      </ul>
      <form
        class="range-form"
        onSubmit={(event) => {
          event.preventDefault();
          const next = { from: toStored(from), to: toStored(to) };
          if (resolveRange(next, nowMs()) === undefined) {
            setProblem(
              "Expected times such as now-2h or 2026-11-28 13:30, the first before the second.",
            );
          } else onRange(next);
        }}
      >
        <TextField label="From" value={from} onInput={setFrom} problem={problem} />
        <TextField label="To" value={to} onInput={setTo} />
        <Button type="submit" small>
          Apply
        </Button>
      </form>
    </div>
  );
}

function toEditable(text: string): string {
  if (!/^\d{10,}$/.test(text)) return text;
  const date = new Date(Number(text) - new Date(Number(text)).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19).replace("T", " ");
}

/** Dates become milliseconds, which do not depend on the reader's time zone. */
function toStored(text: string): string {
  const at = Date.parse(text);
  return text.trim().startsWith("now") || Number.isNaN(at) ? text.trim() : String(at);
}
