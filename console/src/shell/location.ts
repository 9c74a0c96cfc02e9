import { useMemo } from "preact/hooks";
import { parseRoute, useHash } from "../lib/route.ts";

/** A place of the console: `#/dashboards/tepal-overview?from=now-1h`. */
export interface Place {
  readonly path: readonly string[];
  readonly parameters: URLSearchParams;
}

export function parsePlace(hash: string): Place {
  const [path = "", ...query] = hash.split("?");
  return { path: parseRoute(path), parameters: new URLSearchParams(query.join("?")) };
}

/** Returns the fragment of a place, for links. */
export function toFragment(path: readonly string[], parameters = new URLSearchParams()): string {
  const query = parameters.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${query === "" ? "" : `?${query}`}`;
}

/** Returns the fragment of a panel of a dashboard, with Grafana's parameter. */
export function toPanelFragment(dashboard: string, panel: number): string {
  return toFragment(["dashboards", dashboard], new URLSearchParams({ viewPanel: String(panel) }));
}

export function usePlace(): Place {
  const hash = useHash();
  return useMemo(() => parsePlace(hash), [hash]);
}

/** Goes to a place. @param replaces true if the back button skips the current place */
export function navigate(fragment: string, replaces = false): void {
  if (!replaces) location.hash = fragment;
  else {
    history.replaceState(null, "", fragment);
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
}

/** Returns parameters with changes; an empty list removes one. */
export function changeParameters(
  parameters: URLSearchParams,
  changes: Readonly<Record<string, readonly string[]>>,
): URLSearchParams {
  const changed = new URLSearchParams(parameters);
  for (const [name, values] of Object.entries(changes)) {
    changed.delete(name);
    for (const value of values) changed.append(name, value);
  }
  return changed;
}
