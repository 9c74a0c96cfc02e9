import { formatShare } from "../lib/format.ts";
import "./share-list.css";

interface Props {
  readonly label: string;
  readonly shares: readonly {
    readonly name: string;
    /** From 0 to 1; null without a value. */
    readonly share: number | null;
  }[];
  /** The share of a full bar. */
  readonly full?: number;
  /** Name of the bar that stands out; without it, all bars do. */
  readonly first?: string | undefined;
}

/** Shares as horizontal bars with their names and values. */
export function ShareList({ label, shares, full = 1, first }: Props) {
  return (
    <ul class={`shares${first === undefined ? " is-even" : ""}`} aria-label={label}>
      {shares.map(({ name, share }) => (
        <li key={name} class={`share${name === first ? " is-first" : ""}`}>
          <span class="share-name">{name}</span>
          <span class="share-track" aria-hidden="true">
            <span style={{ width: `${((share ?? 0) / full) * 100}%` }} />
          </span>
          <data class="share-value" value={String(share)}>
            {formatShare(share)}
          </data>
        </li>
      ))}
    </ul>
  );
}
