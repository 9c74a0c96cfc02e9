import type { GridPosition, Panel, Section } from "./dashboard.ts";
import { listOptions, type Option, type Selection } from "./variables.ts";

/** A panel as the page shows it: repeated panels are there once for each value. */
export interface PanelCopy {
  /** Unique on the page; stays the same while the values of a variable change. */
  readonly key: string;
  readonly panel: Panel;
  /** The variables of its queries: a copy has one value of the repeated one. */
  readonly selection: Selection;
  readonly grid: GridPosition;
}

/** A row with its panels, once for each value of its variable. */
export interface SectionCopy {
  readonly key: string;
  readonly row: Panel | undefined;
  readonly selection: Selection;
  readonly panels: readonly PanelCopy[];
}

const COLUMNS = 24;

/** Repeats rows and panels for each selected value of their variable. Panels below a repeated one move down. */
export function repeatSections(
  sections: readonly Section[],
  selection: Selection,
): readonly SectionCopy[] {
  const keys = new Set<string>();
  /** Old dashboards have panels without an ID, and some files have an ID twice. */
  const toKey = (wanted: string): string => {
    let key = wanted;
    for (let count = 2; keys.has(key); count++) key = `${wanted}~${count}`;
    keys.add(key);
    return key;
  };
  return sections.flatMap(({ row, panels }, index) => {
    const values = row === undefined ? undefined : listRepeated(row, selection);
    const id = `row-${row?.id ?? index}`;
    const copies: readonly (Option | undefined)[] = values ?? [undefined];
    return copies.map((option): SectionCopy => {
      const scope = option === undefined ? selection : withValue(selection, row!.repeat, option);
      const suffix = option === undefined ? "" : `-${option.value}`;
      return {
        key: toKey(`${id}${suffix}`),
        row,
        selection: scope,
        panels: repeatPanels(panels, scope, suffix, toKey),
      };
    });
  });
}

function repeatPanels(
  panels: readonly Panel[],
  selection: Selection,
  suffix: string,
  toKey: (wanted: string) => string,
): readonly PanelCopy[] {
  /** Rows that repeated panels above have added, by the row below which they do. */
  const added: { readonly below: number; readonly rows: number }[] = [];
  const sorted = panels.toSorted((a, b) => a.grid.y - b.grid.y || a.grid.x - b.grid.x);
  return sorted.flatMap((panel) => {
    const moved = added
      .filter(({ below }) => panel.grid.y >= below)
      .reduce((sum, { rows }) => sum + rows, 0);
    const grid = { ...panel.grid, y: panel.grid.y + moved };
    const values = listRepeated(panel, selection);
    if (values === undefined) {
      return [{ key: toKey(`${panel.id}${suffix}`), panel, selection, grid }];
    }
    const places = placeCopies(panel, grid, values.length);
    const rows = Math.max(0, ...places.map(({ y }) => y)) - grid.y;
    if (rows > 0) added.push({ below: panel.grid.y + panel.grid.h, rows });
    return values.map((option, index) => ({
      key: toKey(`${panel.id}${suffix}-${option.value}`),
      panel,
      selection: withValue(selection, panel.repeat, option),
      grid: places[index]!,
    }));
  });
}

/** Places copies beside each other, in lines of at most `maxPerRow`, or below each other. */
function placeCopies(
  { repeatDirection, maxPerRow }: Panel,
  grid: GridPosition,
  count: number,
): readonly GridPosition[] {
  if (repeatDirection === "v") {
    return Array.from({ length: count }, (_each, index) => ({
      ...grid,
      y: grid.y + index * grid.h,
    }));
  }
  const perLine = Math.max(1, Math.min(maxPerRow, count, COLUMNS));
  const w = Math.floor(COLUMNS / perLine);
  return Array.from({ length: count }, (_each, index) => ({
    x: (index % perLine) * w,
    y: grid.y + Math.floor(index / perLine) * grid.h,
    w,
    h: grid.h,
  }));
}

/** Returns the values for which a panel is repeated; undefined if it is not repeated. */
function listRepeated({ repeat }: Panel, selection: Selection): readonly Option[] | undefined {
  const state = repeat === "" ? undefined : selection.get(repeat);
  if (state === undefined) return undefined;
  const options = listOptions(state);
  // A variable without values leaves one panel, which then states that it has no data.
  return options.length === 0 ? undefined : options;
}

function withValue(selection: Selection, name: string, option: Option): Selection {
  const state = selection.get(name)!;
  return new Map(selection).set(name, { ...state, values: [option.value] });
}
