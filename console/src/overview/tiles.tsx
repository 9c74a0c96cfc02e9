import { Spark } from "../components/spark.tsx";
import "../components/stat.css";
import { formatCount, NO_VALUE } from "../lib/format.ts";
import type { Alert } from "../prometheus/client.ts";
import { toAlertsLink, toPanelLink } from "./links.ts";
import { formatValue, type OverviewNumber } from "./numbers.ts";

interface NumberProps {
  readonly number: OverviewNumber;
  readonly value: number | undefined;
  /** The last hour, or what there is of it. */
  readonly history: readonly (number | null)[] | undefined;
}

/** A number that links to its panel, with its history. */
export function NumberTile({ number, value, history = [] }: NumberProps) {
  const isBad = number.name === "errors" && value !== undefined && value > 0;
  return (
    <li class={`tile${isBad ? " is-bad" : ""}`} data-number={number.name}>
      <a class="tile-link" href={toPanelLink(number)}>
        {number.label}
      </a>
      <span class="tile-value">{formatValue(number, value)}</span>
      <span class="tile-note">{number.note}</span>
      <Spark values={history} />
    </li>
  );
}

interface AlertProps {
  readonly firing: readonly Alert[];
  readonly isKnown: boolean;
}

/** The number of alerts that fire, with their names. Watchdog always fires: `loadCurrent` leaves it out. */
export function AlertTile({ firing, isKnown }: AlertProps) {
  const names = [...new Set(firing.map(({ labels }) => labels["alertname"] ?? "Alert"))];
  return (
    <li class={`tile${firing.length > 0 ? " is-bad" : ""}`} data-number="alerts">
      <a class="tile-link" href={toAlertsLink()}>
        Firing alerts
      </a>
      <span class="tile-value">{isKnown ? formatCount(firing.length) : NO_VALUE}</span>
      <span class="tile-note">
        {names.length === 0 ? "none (Watchdog does not count)" : names.join(", ")}
      </span>
    </li>
  );
}
