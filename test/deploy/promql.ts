/** What Grafana makes of a query before it asks Prometheus, and what a query is made of. */

/** How a dashboard is looked at: a panel of some width, over some time, with Prometheus scraping at some interval. */
export interface View {
  readonly rangeSeconds: number;
  readonly scrapeSeconds: number;
  /** Points that the panel can draw. */
  readonly points: number;
  /** What is chosen, as a regular expression. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A query as Prometheus gets it. */
export function substitute(expr: string, view: View): string {
  const step = toStep(view);
  const rateInterval = Math.max(step + view.scrapeSeconds, 4 * view.scrapeSeconds);
  const builtIn = {
    __rate_interval: `${rateInterval}s`,
    __interval: `${step}s`,
    __range: `${view.rangeSeconds}s`,
  };
  const values: Readonly<Record<string, string>> = { ...builtIn, ...view.variables };
  return expr.replaceAll(/\$(\w+)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${expr}: Grafana knows no variable $${name}`);
    return value;
  });
}

/** Seconds between points. */
export function toStep({ rangeSeconds, points, scrapeSeconds }: View): number {
  return Math.max(scrapeSeconds, Math.ceil(rangeSeconds / points));
}

const WORDS = new Set(
  "and or unless bool offset by without on ignoring group_left group_right inf nan".split(" "),
);

/** A metric in a query. */
export interface Occurrence {
  readonly name: string;
  /** What stands in its braces. */
  readonly matchers: string;
  /** The window that follows, without brackets; of a subquery with its step. */
  readonly window: string | undefined;
  /** The function that is called with it alone, such as rate. */
  readonly caller: string | undefined;
}

/** The metrics that a query reads. */
export function listMetrics(expr: string): readonly Occurrence[] {
  // Labels in lists look like metrics; strings may hold anything.
  const bare = expr.replaceAll(
    /\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g,
    (list) => " ".repeat(list.length),
  );
  const found: Occurrence[] = [];
  const pattern =
    /"(?:[^"\\]|\\.)*"|\[[^\]]*\]|(?<![\w.])([a-zA-Z_:][\w:]*)(\s*\()?(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?(?:\[([^\]]*)\])?/g;
  for (const match of bare.matchAll(pattern)) {
    const [, name, call, matchers = "", window] = match;
    if (name === undefined || call !== undefined || WORDS.has(name.toLowerCase())) continue;
    const caller = /([a-z_]+)\($/.exec(bare.slice(0, match.index))?.[1];
    found.push({ name, matchers, window, caller });
  }
  return found;
}

/** All windows in a query, of subqueries too. */
export function listWindows(expr: string): readonly string[] {
  const bare = expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  return [...bare.matchAll(/\[([^\]]+)\]/g)].map(([, window = ""]) => window);
}
