import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDashboard, type Dashboard, type Panel } from "../../console/src/grafana/dashboard.ts";
import { parseFieldConfig } from "../../console/src/grafana/field-config.ts";
import { asObject, asObjects, asText } from "../../console/src/grafana/json.ts";
import { isKnownUnit } from "../../console/src/grafana/units.ts";
import { listGaps } from "../../console/src/panels/drawn-types.ts";

/** Parts of dashboards that the console does not draw as Grafana does. */
export interface Coverage {
  readonly panels: number;
  readonly drawn: number;
  /** Panels that query another kind of data source than Prometheus. */
  readonly foreign: number;
  /** Counts by what is not drawn, for example `panel type logs`. */
  readonly gaps: ReadonlyMap<string, number>;
}

/** Checks a dashboard with the console's own modules. */
export function checkDashboard(json: unknown): Coverage {
  const dashboard = parseDashboard(json);
  const gaps = new Map<string, number>();
  const count = (gap: string): void => void gaps.set(gap, (gaps.get(gap) ?? 0) + 1);
  let [panels, drawn, foreign] = [0, 0, 0];
  for (const panel of listPanels(dashboard.panels)) {
    panels++;
    const found = listGaps(panel);
    if (found.length === 0) drawn++;
    else if (found.some(({ kind }) => kind === "data source")) foreign++;
    for (const { kind, name } of found) count(`${kind} ${name}`);
    for (const unit of listUnits(panel))
      if (!isKnownUnit(unit)) count(`unit ${unit}, not formatted`);
    for (const { matcher } of panel.overrides) if (matcher.by === "unknown") count("matcher");
  }
  for (const type of listUnknownVariables(json, dashboard)) count(`variable ${type}`);
  return { panels, drawn, foreign, gaps };
}

/** Returns all panels without rows. */
function listPanels(panels: readonly Panel[]): readonly Panel[] {
  return panels.flatMap((panel) => (panel.type === "row" ? listPanels(panel.panels) : [panel]));
}

function listUnits({ defaults, overrides }: Panel): readonly string[] {
  const own = parseFieldConfig(defaults).unit;
  const changed = overrides.flatMap(({ properties }) =>
    properties.filter(({ id }) => id === "unit").map(({ value }) => asText(value)),
  );
  return [...(own === undefined ? [] : [own]), ...changed];
}

function listUnknownVariables(json: unknown, { variables }: Dashboard): readonly string[] {
  const known = new Set(variables.map(({ name }) => name));
  return asObjects(asObject(asObject(json)["templating"])["list"])
    .filter(({ name }) => !known.has(asText(name)))
    .map(({ type }) => asText(type));
}

/** Adds up the coverage of several dashboards. */
export function addCoverage(all: readonly Coverage[]): Coverage {
  const gaps = new Map<string, number>();
  for (const each of all) {
    for (const [gap, count] of each.gaps) gaps.set(gap, (gaps.get(gap) ?? 0) + count);
  }
  const sum = (pick: (each: Coverage) => number): number =>
    all.reduce((total, each) => total + pick(each), 0);
  return {
    panels: sum(({ panels }) => panels),
    drawn: sum(({ drawn }) => drawn),
    foreign: sum(({ foreign }) => foreign),
    gaps,
  };
}

/** Prints the coverage of each dashboard below a folder, and of all together. */
export async function printCoverage(folder: string): Promise<void> {
  const names = (await readdir(folder, { recursive: true })).filter((name) =>
    name.endsWith(".json"),
  );
  const all: Coverage[] = [];
  for (const name of names.toSorted()) {
    const coverage = checkDashboard(JSON.parse(await readFile(join(folder, name), "utf8")));
    all.push(coverage);
    console.log(`${name}: ${describe(coverage)}`);
  }
  const total = addCoverage(all);
  console.log(`${all.length} dashboards: ${describe(total)}`);
}

function describe({ panels, drawn, foreign, gaps }: Coverage): string {
  const share = panels === 0 ? "" : ` (${((drawn / panels) * 100).toFixed(1)} %)`;
  const others = foreign === 0 ? "" : `, ${foreign} of other data sources`;
  const sorted = [...gaps].toSorted(([, a], [, b]) => b - a);
  const lines = sorted.map(([gap, count]) => `\n  ${count} × ${gap}`);
  return `${drawn} of ${panels} panels drawn${share}${others}${lines.join("")}`;
}
