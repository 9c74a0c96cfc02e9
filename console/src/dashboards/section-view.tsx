import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { ChevronIcon } from "../components/icons.tsx";
import type { GridPosition } from "../grafana/dashboard.ts";
import type { PanelCopy, SectionCopy } from "../grafana/repeat.ts";
import { interpolate } from "../grafana/variables.ts";
import { placePanels } from "./layout.ts";

interface Props {
  readonly section: SectionCopy;
  readonly draw: (copy: PanelCopy, position: GridPosition) => JSX.Element;
}

/** The panels of a row, which can be collapsed: then they query nothing. */
export function SectionView({ section: { row, panels, selection }, draw }: Props) {
  const [isOpen, setOpen] = useState(row?.isCollapsed !== true);
  const places = useMemo(() => placePanels(panels), [panels]);
  return (
    <>
      {row !== undefined && (
        <h2 class="row">
          <button
            type="button"
            class={`row-button${isOpen ? " is-open" : ""}`}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            <ChevronIcon />
            {interpolate(row.title, selection, {}, "title")}
            {!isOpen && (
              <span class="muted">
                {" "}
                {panels.length} {panels.length === 1 ? "panel" : "panels"}
              </span>
            )}
          </button>
        </h2>
      )}
      {isOpen && <div class="grid">{panels.map((copy) => draw(copy, places.get(copy)!))}</div>}
    </>
  );
}
