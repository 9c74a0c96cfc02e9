import type { Link } from "./dashboard-links.ts";
import { interpolate, toParameters, type BuiltIns, type Selection } from "./variables.ts";

/** The state of the page, for URLs. */
export interface LinkContext {
  readonly selection: Selection;
  readonly builtIns: BuiltIns;
  /** As the user chose it. */
  readonly time: { readonly from: string; readonly to: string };
  /** Returns the name of a dashboard in this console by its ID in Grafana. */
  readonly findDashboard: (uid: string) => string | undefined;
}

/** Values of a data link, for `${__value.raw}` and the like. */
export type LinkValues = Readonly<Record<string, string>>;

/**
 * Returns the URL of a link with its variables filled in; undefined for a URL that could run code, which has another scheme than
 * http. A link to a dashboard that this console has leads to it here.
 */
export function resolveUrl(
  { url, keepsTime, includesVariables }: Link,
  context: LinkContext,
  values: LinkValues = {},
): string | undefined {
  const { selection, builtIns, time } = context;
  const range = new URLSearchParams({ from: time.from, to: time.to }).toString();
  const named: BuiltIns = {
    ...builtIns,
    __url_time_range: range,
    __all_variables: toParameters(selection).toString(),
  };
  const withValues = url.replaceAll(
    /\$\{(__(?:value|field|series|data)(?:[\w.]|\["?[^"\]]*"?\])*)(?::\w+)?\}/g,
    (reference, given: string) => {
      const name = given.replaceAll(/\["?([^"\]]*)"?\]/g, ".$1");
      const { [name]: value } = values;
      return value === undefined ? reference : encodeURIComponent(value);
    },
  );
  const filled = interpolate(withValues, selection, named, "url").trim();
  if (!isSafe(filled)) return undefined;
  const added = new URLSearchParams({
    ...(keepsTime && { from: time.from, to: time.to }),
  });
  if (includesVariables) {
    for (const [name, value] of toParameters(selection)) added.append(name, value);
  }
  const [, uid, query = ""] = /^\/?d\/([\w-]+)(?:\/[^?#]*)?(?:\?([^#]*))?/.exec(filled) ?? [];
  const name = uid === undefined ? undefined : context.findDashboard(uid);
  if (name !== undefined) return `#/dashboards/${encodeURIComponent(name)}${toQuery(query, added)}`;
  if (added.size === 0) return filled;
  const [path = "", rest = ""] = filled.split("?", 2);
  return `${path}${toQuery(rest, added)}`;
}

function toQuery(query: string, added: URLSearchParams): string {
  const parts = [query, added.toString()].filter((part) => part !== "");
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

/** True for http, https and relative URLs. */
function isSafe(url: string): boolean {
  // Browsers ignore control characters in schemes.
  const plain = [...url].filter((character) => character > " ").join("");
  return plain !== "" && (/^https?:\/\//i.test(plain) || !/^[a-z][\w+.-]*:/i.test(plain));
}
