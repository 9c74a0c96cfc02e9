import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { moveStep } from "./move-step.ts";
import "./readable-chart.css";

interface Props {
  readonly class?: string;
  readonly title: string;
  /** The value and name of each part, in the order of the arrow keys. */
  readonly texts: readonly string[];
  readonly onMove?: (current: number | undefined) => void;
  /** Draws the chart, with the value at the cursor marked; undefined without a cursor. */
  readonly children: (current: number | undefined) => ComponentChildren;
}

/** A chart that the keyboard reads: the arrow keys, Home and End move a cursor over its values, and Escape removes it. */
export function ReadableChart({ class: className, title, texts, onMove, children }: Props) {
  const [at, setAt] = useState<number>();
  // New data may have fewer values.
  const current =
    at === undefined || texts.length === 0 ? undefined : Math.min(at, texts.length - 1);
  const text = current === undefined ? "" : texts[current]!;

  function move(next: number | undefined): void {
    setAt(next);
    onMove?.(next);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = moveStep(event.key, current, texts.length);
    // Without a cursor, Escape is the page's.
    if (next === "unchanged" || (next === undefined && current === undefined)) return;
    event.preventDefault();
    move(next);
  }

  return (
    <div
      class={`readable-chart${className === undefined ? "" : ` ${className}`}`}
      tabIndex={0}
      role="group"
      aria-roledescription="chart"
      aria-label={`${title}. Arrow keys read the values.`}
      onKeyDown={onKeyDown}
      onBlur={() => move(undefined)}
    >
      {children(current)}
      {text !== "" && (
        <p class="readable-chart-text" aria-hidden="true">
          {text}
        </p>
      )}
      <p class="visually-hidden" role="status">
        {text}
      </p>
    </div>
  );
}
