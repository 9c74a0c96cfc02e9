import type { Random } from "../../src/kernel/random.ts";

/** Building blocks of random queries. */
export interface Vocabulary {
  readonly counters: readonly string[];
  readonly gauges: readonly string[];
  /** Gauges without two equal values. */
  readonly distinct: readonly string[];
  /** Names of the bucket series of histograms. */
  readonly buckets: readonly string[];
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /** Milliseconds since 1970 that `@` may use. */
  readonly times: readonly number[];
  /**
   * Ranges, offsets and steps as durations with a unit, ascending; the third is at least a minute, the default step of
   * a subquery.
   */
  readonly durations: readonly string[];
}

/** Without sinh and cosh, which overflow slightly too early in Go. */
const MATHS = [
  "abs",
  "ceil",
  "floor",
  "exp",
  "ln",
  "log2",
  "log10",
  "sqrt",
  "sgn",
  "sin",
  "cos",
  "tan",
  "atan",
  "tanh",
  "deg",
  "rad",
];
const OVER_TIME = ["sum", "avg", "min", "max", "count", "last", "present", "stddev", "stdvar"];
const OF_COUNTERS = ["rate", "increase", "irate", "resets", "changes"];
const OF_GAUGES = ["delta", "idelta", "deriv", "changes", "resets"];
const DATES = [
  "minute",
  "hour",
  "month",
  "year",
  "day_of_week",
  "day_of_month",
  "day_of_year",
  "days_in_month",
];
const REDUCTIONS = ["sum", "avg", "min", "max", "count", "group"];
const NUMBERS = ["0", "1", "2", "0.5", "-1", "3.25", "100", "1e3", "NaN", "Inf", "-Inf"];
/** Without %, whose result is arbitrary if the last digit differs; it is used with integers. */
const ARITHMETIC = ["+", "-", "*", "/", "^", "atan2"];
const COMPARISONS = ["==", "!=", ">", "<", ">=", "<="];

/** Generates queries of every kind that Prometheus 2.42 supports too. */
export function createQueries(random: Random, words: Vocabulary) {
  const pick = <T>(choices: readonly T[]): T => choices[random.below(choices.length)]!;
  const chance = (share: number): boolean => random.uniform() < share;
  const labelNames = Object.keys(words.labels);
  let inSubquery = false;
  const duration = (): string => pick(words.durations);

  function labels(): string {
    return labelNames.filter(() => chance(0.4)).join(", ");
  }

  function matchers(): string {
    const chosen = labelNames
      .filter(() => chance(0.25))
      .map((name) => {
        const value = pick(words.labels[name]!);
        const kind = pick(["=", "!=", "=~", "!~"]);
        if (kind === "=" || kind === "!=") return `${name}${kind}"${value}"`;
        const other = pick(words.labels[name]!);
        return `${name}${kind}"${pick([`${value}|${other}`, `${value.slice(0, 2)}.*`, `.+${value.slice(-1)}`, "", "[a-z].*"])}"`;
      });
    return chosen.length === 0 ? "" : `{${chosen.join(",")}}`;
  }

  function modifiers(pinned = true): string {
    let text = "";
    if (chance(0.15)) text += ` offset ${chance(0.2) ? "-" : ""}${duration()}`;
    if (pinned && chance(0.1))
      text += ` @ ${chance(0.3) ? pick(["start()", "end()"]) : pick(words.times) / 1_000}`;
    return text;
  }

  function selector(
    names: readonly string[] = [...words.counters, ...words.gauges],
    pinned = true,
  ): string {
    return pick(names) + matchers() + modifiers(pinned);
  }

  // No subquery within a subquery: 2.42 and 3.x differ if a step lies on the edge of a window. Within a subquery of
  // counters only counters: near zero they differ too.
  function range(depth: number, names?: readonly string[], pinned = true): string {
    if (depth > 0 && !inSubquery && chance(0.3)) {
      // A step longer than the range crashes 2.42 now and then.
      const longest = 2 + random.below(words.durations.length - 2);
      const step = chance(0.7) ? words.durations[random.below(longest + 1)]! : "";
      inSubquery = true;
      const inner = names === words.counters ? pick(names) + matchers() : vector(depth - 1);
      inSubquery = false;
      return `${inParens(inner)}[${words.durations[longest]!}:${step}]${modifiers(pinned)}`;
    }
    return `${pick(names ?? [...words.counters, ...words.gauges])}${matchers()}[${duration()}]${modifiers(pinned)}`;
  }

  const inParens = (text: string): string => `(${text})`;

  function scalar(depth: number): string {
    if (depth <= 0 || chance(0.5)) return pick(NUMBERS);
    switch (random.below(4)) {
      case 0:
        return "time()";
      case 1:
        return `scalar(${vector(depth - 1)})`;
      case 2:
        return "pi()";
      default: {
        const compares = chance(0.3);
        const op = compares ? `${pick(COMPARISONS)} bool` : pick(ARITHMETIC);
        return inParens(`${scalar(depth - 1)} ${op} ${scalar(depth - 1)}`);
      }
    }
  }

  function matching(oneToMany: boolean): string {
    if (chance(0.2)) return "";
    const text = `${pick(["on", "ignoring"])} (${labels()})`;
    if (!oneToMany || chance(0.5)) return text;
    return `${text} group_${pick(["left", "right"])} (${chance(0.3) ? pick(labelNames) : ""})`;
  }

  // 2.42 keeps the metric name in the result of atan2, 3.x does not; a function around it drops the name in both.
  const calculate = (text: string): string => (text.includes(" atan2 ") ? `abs(${text})` : text);

  function binary(depth: number): string {
    const left = inParens(vector(depth - 1));
    const right = inParens(chance(0.4) ? left.slice(1, -1) : vector(depth - 1));
    switch (random.below(6)) {
      case 0:
        return `${left} ${pick(["and", "or", "unless"])} ${matching(false)} ${right}`;
      case 1:
        return `${left} ${pick(COMPARISONS)} ${chance(0.4) ? "bool " : ""}${matching(true)} ${right}`;
      case 2:
        // No power: whether a power of a negative number is NaN depends on the last digit of the exponent.
        return calculate(
          `${left} ${pick(["+", "-", "*", "/", "atan2"])} ${matching(true)} ${right}`,
        );
      default: {
        const op = chance(0.5)
          ? pick(ARITHMETIC)
          : `${pick(COMPARISONS)}${chance(0.4) ? " bool" : ""}`;
        const number = scalar(depth - 1);
        return calculate(chance(0.5) ? `${left} ${op} ${number}` : `${number} ${op} ${right}`);
      }
    }
  }

  function aggregation(depth: number): string {
    const grouping = chance(0.7) ? ` ${pick(["by", "without"])} (${labels()})` : "";
    switch (random.below(6)) {
      case 0: {
        // 2.42 orders equal values arbitrarily: here no two are equal.
        const of = pick([
          selector(words.distinct),
          `avg_over_time(${pick(words.distinct)}[${duration()}])`,
          `-(${selector(words.distinct)})`,
        ]);
        return `${pick(["topk", "bottomk"])}${grouping} (${random.below(5)}, ${of})`;
      }
      case 1:
        return `quantile${grouping} (${pick(["0", "0.25", "0.5", "0.9", "1", "-1", "2", "NaN"])}, ${vector(depth - 1)})`;
      case 2: {
        // The last digit of a calculated value may differ, which would be another label. And 2.42 groups wrongly by a
        // label that is not the last one in the alphabet.
        const label = grouping.includes("without") ? pick(labelNames) : "zzz";
        return `count_values${grouping} ("${label}", ${selector(words.gauges)})`;
      }
      default:
        return `${pick(REDUCTIONS)}${grouping} (${vector(depth - 1)})`;
      case 3:
        // 2.42 turns a NaN or an infinite value into 0 if it is the first.
        return `${pick(["stddev", "stdvar"])}${grouping} (${selector(words.distinct)})`;
    }
  }

  function call(depth: number): string {
    switch (random.below(13)) {
      case 0:
        return `${pick(MATHS)}(${vector(depth - 1)})`;
      case 1:
      case 2:
        return `${pick(OVER_TIME)}_over_time(${range(depth)})`;
      case 3:
      case 4:
        return `${pick(OF_COUNTERS)}(${range(depth, words.counters)})`;
      case 5:
        return `${pick(OF_GAUGES)}(${range(depth, words.gauges)})`;
      case 6:
        return `quantile_over_time(${pick(["0", "0.3", "0.95", "1", "1.5"])}, ${range(depth)})`;
      case 7:
        // 2.42 moves a window that `@` has pinned.
        return `predict_linear(${range(depth, words.gauges, false)}, ${pick(["0", "60", "3600", "-600"])})`;
      case 8:
        return pick([
          `clamp(${vector(depth - 1)}, ${scalar(depth - 1)}, ${scalar(depth - 1)})`,
          `clamp_min(${vector(depth - 1)}, ${scalar(depth - 1)})`,
          `clamp_max(${vector(depth - 1)}, ${scalar(depth - 1)})`,
          `round(${vector(depth - 1)}, ${pick(["1", "0.5", "10"])})`,
        ]);
      case 9:
        return pick([
          `label_replace(${vector(depth - 1)}, "${pick([...labelNames, "fresh"])}", "${pick(["$1", "x-$1-${1}", "$1_x", "", "$$", "$0"])}", "${pick(labelNames)}", "${pick(["(.*)", "(.).*", "([a-z]+).*", ".*-(.*)", ""])}")`,
          `label_join(${vector(depth - 1)}, "fresh", "-", "${pick(labelNames)}", "${pick(labelNames)}")`,
        ]);
      case 10:
        return pick([
          `absent(${vector(depth - 1)})`,
          `absent_over_time(${range(depth)})`,
          `timestamp(${selector(undefined, false)})`,
          `timestamp(abs(${vector(depth - 1)}))`,
          `vector(${scalar(depth - 1)})`,
          `sort(${vector(depth - 1)})`,
          `sort_desc(${vector(depth - 1)})`,
        ]);
      case 11:
        return `histogram_quantile(${pick(["0.1", "0.5", "0.99", "0", "1", "-1", "2"])}, ${chance(0.4) ? selector(words.buckets) : `sum by (le${chance(0.5) ? ", job" : ""}) (rate(${pick(words.buckets)}${matchers()}[${duration()}]))`})`;
      default:
        // For numbers that are not dates, 2.42 returns what int64 makes of them, we return NaN. And it does not support
        // timestamps of samples pinned by `@`.
        return `${pick(DATES)}(${chance(0.3) ? "" : pick([`timestamp(${selector(undefined, false)})`, "queue * 86400"])})`;
    }
  }

  function vector(depth: number): string {
    if (depth <= 0) return selector();
    switch (random.below(10)) {
      case 0:
        return selector();
      case 1:
        return `-${inParens(vector(depth - 1))}`;
      case 2:
      case 3:
        return binary(depth);
      case 4:
      case 5:
        return aggregation(depth);
      default:
        return call(depth);
    }
  }

  return {
    /** An instant vector or, now and then, a scalar. */
    next: (depth: number): string => (chance(0.05) ? scalar(depth) : vector(depth)),
  };
}
