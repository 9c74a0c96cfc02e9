import { describe, expect, it } from "vitest";
import { AGGREGATORS } from "../../../src/promql/syntax/ast.ts";
import { SIGNATURES, UNSUPPORTED } from "../../../src/promql/syntax/function-signatures.ts";
import { explain, toWords } from "./explain.ts";
import { AGGREGATION_TEXTS, FUNCTION_TEXTS } from "./function-texts.ts";
import { parseExpression, type ExprNode } from "./syntax.ts";

/** Returns the sentences of all nodes but literals, from the outermost. */
function explainAll(expression: string): readonly string[] {
  const list = (node: ExprNode): readonly string[] => [
    ...(node.kind === "number" || node.kind === "string" ? [] : [explain(node)]),
    ...node.children.flatMap(list),
  ];
  const root = parseExpression(expression);
  if (root === undefined) throw new Error(`${expression} is invalid`);
  return list(root);
}

describe("Explain", () => {
  it.each([
    ["up", ["Selects the series of up: the newest sample of each."]],
    [
      'up{job="api", instance=~"a.*", env!="", zone!~"b|c"}',
      [
        'Selects the series of up where job is "api", instance matches the regular expression "a.*", env is not "" and zone does not match the regular expression "b|c": the newest sample of each.',
      ],
    ],
    [
      '{"http.requests", "a.b"="\\"x\\""}',
      ['Selects the series of http.requests where a.b is "\\"x\\"": the newest sample of each.'],
    ],
    ['{job="api"}', ['Selects the series where job is "api": the newest sample of each.']],
    [
      "rate(hits_total[5m])",
      [
        "Returns the increase per second of each counter, averaged over the range. A counter that was reset to 0 continues.",
        "Selects the series of hits_total: all samples of each within 5 minutes.",
      ],
    ],
    [
      "up[1h30m] offset 1d",
      ["Selects the series of up: all samples of each within 1 hour 30 minutes, 1 day earlier."],
    ],
    ["up offset -5m", ["Selects the series of up: the newest sample of each, 5 minutes later."]],
    [
      "up @ start()",
      [
        "Selects the series of up: the newest sample of each, always at the first step of the query.",
      ],
    ],
    [
      "up @ 1700000000 offset 1m",
      [
        "Selects the series of up: the newest sample of each, 1 minute earlier, always at the time 1700000000 (seconds since 1970).",
      ],
    ],
    [
      "max_over_time(up[1h:5m] @ end())",
      [
        "Returns the largest sample of each series in the range.",
        "Evaluates the inner expression every 5 minutes within 1 hour, always at the last step of the query: the results are the samples of a range.",
        "Selects the series of up: the newest sample of each.",
      ],
    ],
    [
      "last_over_time(up[1h:])",
      [
        "Returns the newest sample of each series in the range.",
        "Evaluates the inner expression in the default step within 1 hour: the results are the samples of a range.",
        "Selects the series of up: the newest sample of each.",
      ],
    ],
    ["sum(up)", ["Adds up the values of all series."]],
    ["sum by (job) (up)", ["Adds up the values for each value of job."]],
    [
      "sum(up) by (job, instance)",
      ["Adds up the values for each combination of job and instance."],
    ],
    [
      'avg without (instance, "a.b") (up)',
      ["Averages the values of series that differ only in instance and a.b."],
    ],
    ["count without () (up)", ["Counts the series of series with equal labels."]],
    ["topk(3, up)", ["Keeps the 3 series with the largest values of all series."]],
    [
      "quantile by (job) (0.9, up)",
      ["Returns the 0.9-quantile of the values for each value of job."],
    ],
    [
      'count_values("v", up)',
      [
        'Counts the series with each value, and writes the value into the label "v", of all series.',
      ],
    ],
    ["topk(scalar(up), up)", ["Keeps the series with the largest values of all series."]],
    ["-up", ["Changes the sign of each value."]],
    ["(up)", ["Evaluates this part first."]],
    ["up * 100", ["Multiplies both sides."]],
    [
      "up > 1",
      ["Keeps the series where the left side is greater than the right side, with their values."],
    ],
    [
      "up == bool 1",
      ["Returns 1 where the left side is equal to the right side, and 0 elsewhere."],
    ],
    [
      "time() > bool 1",
      ["Returns 1 where the left side is greater than the right side, and 0 elsewhere."],
    ],
    [
      "a / on (job) group_left (version) b",
      [
        "Divides the left side by the right side. Series are partners if job is equal. Several series on the left may have the same partner on the right, from which they get version.",
      ],
    ],
    [
      "a * ignoring (x, y) group_right b",
      [
        "Multiplies both sides. Series are partners if all labels except x and y are equal. Several series on the right may have the same partner on the left.",
      ],
    ],
    [
      "a unless on (job, env) b",
      [
        "Keeps the series on the left that have no partner on the right. Series are partners if job and env are equal.",
      ],
    ],
    [
      "a or b",
      [
        "Keeps the series on the left, and those on the right that have no partner on the left. Series are partners if all of their labels are equal.",
      ],
    ],
    [
      "a and on () b",
      ["Keeps the series on the left that have a partner on the right. All series are partners."],
    ],
    [
      "a < on (x) (b)",
      [
        "Keeps the series where the left side is less than the right side, with their values. Series are partners if x is equal.",
      ],
    ],
  ])("explains %s", (expression, sentences) => {
    expect(explainAll(expression).slice(0, sentences.length)).toEqual(sentences);
  });

  it("describes every function and every aggregation, of the engine and of Prometheus", () => {
    for (const name of [...Object.keys(SIGNATURES), ...UNSUPPORTED.keys()]) {
      const { text = "" } = FUNCTION_TEXTS.get(name) ?? {};
      expect([name, text]).toEqual([name, expect.stringMatching(/^[A-Z].{10,}\.$/)]);
    }
    for (const name of [...AGGREGATORS, "limitk", "limit_ratio"]) {
      expect([name, AGGREGATION_TEXTS.get(name)]).toEqual([name, expect.stringMatching(/^[A-Z]/)]);
    }
  });

  it("lists the arguments of each function of the engine", () => {
    for (const [name, { args }] of Object.entries(SIGNATURES)) {
      const written = FUNCTION_TEXTS.get(name)!.args;
      const count = written === "" ? 0 : written.replace(", …", "").split(", ").length;
      expect([name, count]).toEqual([name, args.length]);
      expect([name, written.includes("[range]")]).toEqual([
        name,
        args.some((type) => type === "range vector"),
      ]);
    }
  });

  it.each([
    ["5m", "5 minutes"],
    ["1h30m", "1 hour 30 minutes"],
    ["90", "90 seconds"],
    ["250ms", "250 milliseconds"],
    ["step() * 4", "step() * 4"],
  ])("writes the duration %s as %s", (duration, words) => {
    expect(toWords(duration)).toBe(words);
  });

  it("explains a number, and a duration as a number", () => {
    expect(["42", "1e3", "5m", "Inf"].map((text) => explain(parseExpression(text)!))).toEqual([
      "The number 42.",
      "The number 1e3.",
      "5 minutes, in seconds.",
      "The number Inf.",
    ]);
  });

  it.each(["", "rate(up[", "sum by (", "up{job=", "1 +", ")"])(
    "has no tree for %j",
    (expression) => {
      expect(parseExpression(expression)).toBeUndefined();
    },
  );
});
