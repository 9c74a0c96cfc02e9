import { asFlag, asObjects, asText, asTexts, type Json } from "./json.ts";

/** A link of a dashboard, a panel or a value. */
export interface Link {
  readonly title: string;
  /** May have variables. Empty for a list of dashboards. */
  readonly url: string;
  readonly tooltip: string;
  readonly opensTab: boolean;
  /** True to add the time range and the variables to the URL. */
  readonly keepsTime: boolean;
  readonly includesVariables: boolean;
}

/** Links to all dashboards with some tags, or one link. */
export interface DashboardLink extends Link {
  readonly type: "dashboards" | "link";
  /** A dashboard is linked if it has all of them. */
  readonly tags: readonly string[];
  readonly isDropdown: boolean;
}

export function parseLinks(links: unknown): readonly Link[] {
  return asObjects(links).map(parseLink);
}

export function parseDashboardLinks(links: unknown): readonly DashboardLink[] {
  return asObjects(links).map((raw) => ({
    ...parseLink(raw),
    type: raw["type"] === "dashboards" ? "dashboards" : "link",
    tags: asTexts(raw["tags"]),
    isDropdown: asFlag(raw["asDropdown"]),
  }));
}

function parseLink(raw: Json): Link {
  return {
    title: asText(raw["title"]),
    url: asText(raw["url"]),
    tooltip: asText(raw["tooltip"]),
    opensTab: asFlag(raw["targetBlank"]),
    keepsTime: asFlag(raw["keepTime"]),
    includesVariables: asFlag(raw["includeVars"]),
  };
}
