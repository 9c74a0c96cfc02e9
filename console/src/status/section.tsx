import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** The sections in their order, by the last part of their URL: `#/status/targets`. */
export const SECTIONS = [
  ["targets", "Targets"],
  ["rules", "Rules"],
  ["receivers", "Receivers"],
  ["history", "History"],
  ["processes", "Processes"],
  ["build", "Build"],
  ["flags", "Flags"],
  ["configuration", "Configuration"],
] as const;

export type SectionId = (typeof SECTIONS)[number][0];

interface Props {
  readonly id: SectionId;
  /** The section that the URL names. */
  readonly selected: string | undefined;
  readonly note?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A section with a URL of its own. */
export function Section({ id, selected, note, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (selected !== id) return;
    heading.current?.scrollIntoView();
    heading.current?.focus({ preventScroll: true });
  }, [selected]);
  const title = SECTIONS.find(([each]) => each === id)?.[1];
  return (
    <section class="status-section" data-section={id} aria-labelledby={`status-${id}`}>
      <div class="status-section-head">
        <h2 id={`status-${id}`} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        {note !== undefined && <p class="muted">{note}</p>}
      </div>
      {children}
    </section>
  );
}

interface FactsProps {
  readonly facts: readonly (readonly [name: string, value: ComponentChildren])[];
}

/** Names and values. */
export function Facts({ facts }: FactsProps) {
  return (
    <dl class="status-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
