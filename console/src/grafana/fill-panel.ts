import type { Panel } from "./dashboard.ts";
import { asObject } from "./json.ts";

/** URLs are filled where they are shown, with the values of their row. */
const UNFILLED: ReadonlySet<string> = new Set(["links", "url"]);
/** The begin of a variable. Without the flag g, an expression keeps no state. */
const VARIABLE = /\$|\[\[/;

/**
 * Fills the variables of a dashboard into the strings of a panel: title, names, options and transformations. Returns the panel itself if
 * it has none, so that a refresh does not draw it again for its settings.
 */
export function fillPanel(panel: Panel, fill: (text: string) => string): Panel {
  if (!hasVariables(panel)) return panel;
  return {
    ...panel,
    title: fill(panel.title),
    defaults: asObject(fillValue(panel.defaults, fill)),
    options: asObject(fillValue(panel.options, fill)),
    overrides: panel.overrides.map((override) => ({
      ...override,
      properties: override.properties.map(({ id, value }) => ({
        id,
        value: UNFILLED.has(id) ? value : fillValue(value, fill),
      })),
    })),
    transformations: panel.transformations.map((each) => ({
      ...each,
      options: asObject(fillValue(each.options, fill)),
    })),
  };
}

const known = new WeakMap<Panel, boolean>();

/** True if any string of a panel may have a variable. */
function hasVariables(panel: Panel): boolean {
  let isFound = known.get(panel);
  if (isFound === undefined) {
    const { title, defaults, options, overrides, transformations } = panel;
    isFound = VARIABLE.test(JSON.stringify([title, defaults, options, overrides, transformations]));
    known.set(panel, isFound);
  }
  return isFound;
}

function fillValue(value: unknown, fill: (text: string) => string): unknown {
  if (typeof value === "string") return VARIABLE.test(value) ? fill(value) : value;
  if (Array.isArray(value)) return value.map((each) => fillValue(each, fill));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      UNFILLED.has(name) ? each : fillValue(each, fill),
    ]),
  );
}
