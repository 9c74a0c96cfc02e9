import { parseAnnotations, type AnnotationQuery } from "./annotation-queries.ts";
import {
  parseDashboardLinks,
  parseLinks,
  type DashboardLink,
  type Link,
} from "./dashboard-links.ts";
import { parseOverrides, type Override } from "./field-config.ts";
import { createSourceKinds } from "./data-source.ts";
import { convertPanel, flattenRows } from "./old-panels.ts";
import { asFlag, asNumber, asObject, asObjects, asText, asTexts, type Json } from "./json.ts";
import type { RawRange } from "./time-range.ts";

/** A dashboard, parsed from Grafana's JSON. Panels that an older version drew are converted to those of today. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly time: RawRange;
  /** For example `10s`; empty for none. */
  readonly refresh: string;
  readonly variables: readonly Variable[];
  readonly annotations: readonly AnnotationQuery[];
  readonly links: readonly DashboardLink[];
  /** Shared by the charts: nothing, the cursor, or the cursor and the tooltip. */
  readonly sharing: "nothing" | "cursor" | "tooltip";
  /** In the order of the page. Rows are panels too. */
  readonly panels: readonly Panel[];
}

export interface GridPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly format: "time_series" | "table" | "heatmap";
  /** A query of one moment, of a range, or both. */
  readonly isInstant: boolean;
  readonly isRange: boolean;
  readonly isHidden: boolean;
  /** "Min step", for example `1m`; may have variables. */
  readonly interval: string;
  readonly intervalFactor: number;
  /** The kind of its data source, for example `prometheus`; empty if it is not stated. */
  readonly source: string;
}

export interface Transformation {
  readonly id: string;
  readonly options: Json;
  /** An expression for the queries whose frames it changes; empty for all. */
  readonly refIds?: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly grid: GridPosition;
  readonly targets: readonly Target[];
  readonly defaults: Json;
  readonly overrides: readonly Override[];
  readonly options: Json;
  readonly transformations: readonly Transformation[];
  /** Minimum interval, for example `30s`. */
  readonly interval: string;
  readonly maxDataPoints: number | undefined;
  readonly isTransparent: boolean;
  /** The variable for whose values the panel or row is repeated; empty for none. */
  readonly repeat: string;
  readonly repeatDirection: "h" | "v";
  readonly maxPerRow: number;
  /** Own time range, for example `1h`, and by how much it is earlier; empty for the page's. */
  readonly timeFrom: string;
  readonly timeShift: string;
  /** True if the panel does not name its own time range. */
  readonly hidesTime: boolean;
  readonly links: readonly Link[];
  /** True for a row whose panels, which it holds, are not shown. */
  readonly isCollapsed: boolean;
  readonly panels: readonly Panel[];
}

export type VariableType =
  | "query"
  | "custom"
  | "interval"
  | "datasource"
  | "textbox"
  | "constant"
  | "adhoc";

export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly type: VariableType;
  /** The query, the list of values, or the constant. */
  readonly query: string;
  readonly regex: string;
  readonly sort: number;
  readonly isMulti: boolean;
  readonly hasAll: boolean;
  readonly allValue: string;
  /** False if the page does not show it. */
  readonly isShown: boolean;
  readonly isLabelShown: boolean;
  /** True if its options depend on the time range. */
  readonly dependsOnTime: boolean;
  readonly isAuto: boolean;
  readonly autoCount: number;
  readonly autoMin: string;
  /** The saved selection. */
  readonly current: readonly string[];
}

export const ALL = "$__all";

const SHARING = ["nothing", "cursor", "tooltip"] as const;

/**
 * Parses the JSON of a dashboard, also as Grafana's API returns it: `{"dashboard": …}`. Missing parts get Grafana's defaults; nothing is
 * rejected.
 */
export function parseDashboard(json: unknown): Dashboard {
  const outer = asObject(json);
  const inner = asObject(outer["dashboard"]);
  const raw = Object.keys(inner).length > 0 ? inner : outer;
  const time = asObject(raw["time"]);
  // Dashboards that were migrated may keep an empty list of rows.
  const isOld = asObjects(raw["rows"]).length > 0;
  const panels = isOld ? flattenRows(raw["rows"]) : asObjects(raw["panels"]);
  const sourceOf = createSourceKinds(raw);
  return {
    uid: asText(raw["uid"]),
    title: asText(raw["title"], "Dashboard"),
    description: asText(raw["description"]),
    tags: asTexts(raw["tags"]),
    time: { from: asText(time["from"], "now-6h"), to: asText(time["to"], "now") },
    refresh: asText(raw["refresh"]),
    variables: [
      ...listInputs(raw["__inputs"]),
      ...asObjects(asObject(raw["templating"])["list"]),
    ].flatMap(parseVariable),
    annotations: parseAnnotations(raw["annotations"]),
    links: parseDashboardLinks(raw["links"]),
    sharing: SHARING[asNumber(raw["graphTooltip"]) ?? 0] ?? "nothing",
    panels: panels.map((panel) => parsePanel(panel, sourceOf)),
  };
}

type SourceOf = (datasource: unknown) => string;

function parsePanel(given: Json, sourceOf: SourceOf): Panel {
  const raw = convertPanel(given);
  const grid = asObject(raw["gridPos"]);
  const fieldConfig = asObject(raw["fieldConfig"]);
  return {
    id: asNumber(raw["id"]) ?? 0,
    type: asText(raw["type"]),
    title: asText(raw["title"]),
    description: asText(raw["description"]),
    grid: {
      x: asNumber(grid["x"]) ?? 0,
      y: asNumber(grid["y"]) ?? 0,
      w: asNumber(grid["w"]) ?? 12,
      h: asNumber(grid["h"]) ?? 8,
    },
    targets: asObjects(raw["targets"]).map((target, index) =>
      parseTarget(target, index, sourceOf(target["datasource"]) || sourceOf(raw["datasource"])),
    ),
    defaults: asObject(fieldConfig["defaults"]),
    overrides: parseOverrides(fieldConfig["overrides"]),
    options: asObject(raw["options"]),
    transformations: asObjects(raw["transformations"])
      .filter(({ disabled }) => disabled !== true)
      .map(({ id, options, filter }) => ({
        id: asText(id),
        options: asObject(options),
        refIds: asText(asObject(filter)["options"]),
      })),
    interval: asText(raw["interval"]),
    maxDataPoints: asNumber(raw["maxDataPoints"]),
    isTransparent: asFlag(raw["transparent"]),
    repeat: asText(raw["repeat"]),
    repeatDirection: raw["repeatDirection"] === "v" ? "v" : "h",
    maxPerRow: asNumber(raw["maxPerRow"]) ?? 4,
    timeFrom: asText(raw["timeFrom"]),
    timeShift: asText(raw["timeShift"]),
    hidesTime: asFlag(raw["hideTimeOverride"]),
    links: parseLinks(raw["links"]),
    isCollapsed: asFlag(raw["collapsed"]),
    panels: asObjects(raw["panels"]).map((panel) => parsePanel(panel, sourceOf)),
  };
}

function parseTarget(raw: Json, index: number, source: string): Target {
  const isInstant = asFlag(raw["instant"]);
  const format = asText(raw["format"]);
  return {
    refId: asText(raw["refId"], String.fromCharCode(65 + index)),
    expr: asText(raw["expr"]),
    legendFormat: asText(raw["legendFormat"]),
    format: format === "table" || format === "heatmap" ? format : "time_series",
    isInstant,
    // Neither of them is a range.
    isRange: asFlag(raw["range"], !isInstant) || !isInstant,
    isHidden: asFlag(raw["hide"]),
    interval: asText(raw["interval"]),
    intervalFactor: asNumber(raw["intervalFactor"]) ?? 1,
    source,
  };
}

/** Returns the constants of an exported dashboard, which Grafana sets when it imports it. Its data sources are all the same one here. */
function listInputs(inputs: unknown): readonly Json[] {
  return asObjects(inputs)
    .filter(({ type }) => type === "constant")
    .map(({ name, value }) => ({ type: "constant", name, query: value }));
}

const VARIABLE_TYPES: ReadonlySet<string> = new Set([
  "query",
  "custom",
  "interval",
  "datasource",
  "textbox",
  "constant",
  "adhoc",
]);

/** A constant has no choice, there is one data source, and filters of their own (adhoc) are not applied. */
const UNSHOWN: ReadonlySet<string> = new Set(["constant", "datasource", "adhoc"]);

function parseVariable(raw: Json): Variable[] {
  const type = asText(raw["type"]);
  const name = asText(raw["name"]);
  if (name === "" || !VARIABLE_TYPES.has(type)) return [];
  const { query } = raw;
  const { value } = asObject(raw["current"]);
  const current = Array.isArray(value)
    ? asTexts(value)
    : value === undefined
      ? []
      : [asText(value)];
  return [
    {
      name,
      label: asText(raw["label"]) || name,
      type: type as VariableType,
      query: typeof query === "string" ? query : asText(asObject(query)["query"]),
      regex: asText(raw["regex"]),
      sort: asNumber(raw["sort"]) ?? 0,
      isMulti: asFlag(raw["multi"]),
      hasAll: asFlag(raw["includeAll"]),
      allValue: asText(raw["allValue"]),
      isShown: asNumber(raw["hide"]) !== 2 && !UNSHOWN.has(type),
      isLabelShown: asNumber(raw["hide"]) !== 1,
      dependsOnTime: asNumber(raw["refresh"]) === 2,
      isAuto: asFlag(raw["auto"]),
      autoCount: asNumber(raw["auto_count"]) ?? 30,
      autoMin: asText(raw["auto_min"], "10s"),
      current: current.filter((each) => each !== ""),
    },
  ];
}

/** A row with the panels up to the next one; the first may have no row. */
export interface Section {
  readonly row: Panel | undefined;
  readonly panels: readonly Panel[];
}

/** Divides the panels at their rows. */
export function toSections(panels: readonly Panel[]): readonly Section[] {
  const sections: { row: Panel | undefined; panels: Panel[] }[] = [{ row: undefined, panels: [] }];
  for (const panel of panels) {
    if (panel.type !== "row") sections.at(-1)!.panels.push(panel);
    else sections.push({ row: panel, panels: [...panel.panels] });
  }
  return sections.filter(({ row, panels: inside }) => row !== undefined || inside.length > 0);
}
