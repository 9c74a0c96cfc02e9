import type { ComponentChildren } from "preact";
import { Spark } from "./spark.tsx";
import "./stat.css";

interface Props {
  readonly label: string;
  readonly value: string;
  /** In small beside or below the value. */
  readonly note?: ComponentChildren;
  readonly tone?: "plain" | "bad" | "warn" | "good";
  /** The last values, drawn behind; null where there was none. */
  readonly history?: readonly (number | null)[];
}

/** One figure with its name. */
export function Stat({ label, value, note, tone = "plain", history }: Props) {
  return (
    <div class={`stat is-${tone}`}>
      <dt class="stat-label">{label}</dt>
      <dd class="stat-value">
        {value}
        {note !== undefined && <span class="stat-note">{note}</span>}
      </dd>
      {history !== undefined && <Spark values={history} />}
    </div>
  );
}
