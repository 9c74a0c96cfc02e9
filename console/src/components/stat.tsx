import type { ComponentChildren } from "preact";
import { Spark } from "./spark.tsx";
import "./stat.css";

interface Props {
  readonly label: string;
  readonly value: string;
  /** Small print beside or below the value. */
  readonly note?: ComponentChildren;
  readonly tone?: "plain" | "bad" | "warn" | "good";
  /** The last values, drawn as a sparkline; null for a missing value. */
  readonly history?: readonly (number | null)[];
  /** Progress from 0 to 1. */
  readonly progress?: number;
}

/** A number with its name. */
export function Stat({ label, value, note, tone = "plain", history, progress }: Props) {
  return (
    <div class={`stat is-${tone}`}>
      <dt class="stat-label">{label}</dt>
      <dd class="stat-value">
        {value}
        {note !== undefined && <span class="stat-note">{note}</span>}
      </dd>
      {history !== undefined && <Spark values={history} />}
      {progress !== undefined && (
        <span class="stat-progress" aria-hidden="true">
          <span style={{ width: `${Math.min(progress, 1) * 100}%` }} />
        </span>
      )}
    </div>
  );
}
