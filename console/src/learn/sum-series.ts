/** Returns the sum of the series of a metric in a metrics response that have these labels; NaN without one. */
export function sumSeries(
  exposition: string,
  metric: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  let sum = Number.NaN;
  for (const line of exposition.split("\n")) {
    if (!line.startsWith(metric)) continue;
    const [, given = "", value = ""] =
      /^(?:\{(.*)\})? ([^ ]+)/.exec(line.slice(metric.length)) ?? [];
    const own = Object.fromEntries(
      [...given.matchAll(/([^,="]+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, text]) => [name!, text!]),
    );
    if (value === "" || !Object.entries(labels).every(([name, text]) => own[name] === text))
      continue;
    sum = (Number.isNaN(sum) ? 0 : sum) + Number(value);
  }
  return sum;
}
