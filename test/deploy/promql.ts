/** Grafana's variable substitution, and a simple parser of the metrics in a query. */

/** View of a dashboard: width of a panel, time range, scrape interval, selected variables. */
export interface View {
  readonly rangeSeconds: number;
  readonly scrapeSeconds: number;
  /** Points that the panel can draw. */
  readonly points: number;
  /** Selected values, as regular expressions. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Returns a query as Grafana sends it to Prometheus. */
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
    if (value === undefined) throw new Error(`${expr}: Grafana has no variable $${name}`);
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
  /** Content of its braces. */
  readonly matchers: string;
  /** Range after it, without brackets; for a subquery with its step. */
  readonly window: string | undefined;
  /** Function called with it as the only argument, for example `rate`. */
  readonly caller: string | undefined;
}

/** Lists the metrics that a query reads. */
export function listMetrics(expr: string): readonly Occurrence[] {
  // Labels in lists look like metrics; strings may contain anything.
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

/** Lists all ranges in a query, including those of subqueries. */
export function listWindows(expr: string): readonly string[] {
  const bare = expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  return [...bare.matchAll(/\[([^\]]+)\]/g)].map(([, window = ""]) => window);
}
