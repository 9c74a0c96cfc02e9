import type { AnnotationQuery } from "../grafana/annotation-queries.ts";
import { resolveColour, type Palette } from "../grafana/colours.ts";

interface Props {
  readonly queries: readonly AnnotationQuery[];
  /** Names of those that are not drawn. */
  readonly hidden: ReadonlySet<string>;
  readonly palette: Palette;
  readonly onToggle: (name: string) => void;
}

/** A switch for each annotation of the dashboard. */
export function AnnotationSwitches({ queries, hidden, palette, onToggle }: Props) {
  const shown = queries.filter(({ isShown }) => isShown);
  if (shown.length === 0) return null;
  return (
    <div class="annotation-switches" role="group" aria-label="Annotations">
      {shown.map(({ name, colour }) => (
        <label key={name} class="annotation-switch">
          <input type="checkbox" checked={!hidden.has(name)} onChange={() => onToggle(name)} />
          <span class="legend-swatch" style={{ background: resolveColour(colour, palette) }} />
          {name}
        </label>
      ))}
    </div>
  );
}
