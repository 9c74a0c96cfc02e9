import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExpositionError } from "./exposition.ts";
import { createLabels, toLabelsKey } from "../labels.ts";
import { normaliseBound } from "./normalise-bound.ts";
import { createExpositionParser } from "./parse-exposition.ts";

const parse = (text: string) => createExpositionParser().parse(text);

/** Series as `name{label="value"}` in a plain notation, with their values. */
function read(text: string): [string, number][] {
  const { series, values } = parse(text);
  expect(values.length).toBe(series.length);
  return series.map((labels, i) => [
    [...labels].map(([name, value]) => `${name}=${value}`).join(","),
    values[i]!,
  ]);
}

describe("an exposition", () => {
  it("returns its samples in order, with the metric name among the labels", () => {
    const text = [
      "# HELP http_requests_total Requests \\\\ by\\nroute",
      "# TYPE http_requests_total counter",
      'http_requests_total{method="post",code="200"} 1027 1395066363000',
      'http_requests_total\t{ method = "a\\"\\\\\\n{},é" , } \t3.5e-2 -5 ',
      "# a comment, TYPE and all",
      "#TYPE none counter",
      "",
      "bare -Inf",
      "bare{} NaN",
      'x:y{empty=""}.5',
      "last +7",
    ].join("\n");
    expect(read(text)).toEqual([
      ["__name__=http_requests_total,code=200,method=post", 1027],
      ['__name__=http_requests_total,method=a"\\\n{},é', 0.035],
      ["__name__=bare", -Infinity],
      ["__name__=bare", Number.NaN],
      ["__name__=x:y", 0.5],
      ["__name__=last", 7],
    ]);
    expect([...parse(text).metadata]).toEqual([
      ["http_requests_total", { type: "counter", help: "Requests \\ by\nroute" }],
    ]);
  });

  it.each([
    ["", 0],
    ["\n\n", 0],
    ["a 1", 1],
    ["a 1\n\n\t \n  # x\nb 2\n", 2],
  ])("may be %j", (text, count) => expect(read(text).length).toBe(count));

  it.each([
    ["a 1\n1a 2", 'line 2: expected a metric name in "1a 2"'],
    [" a 2", 'line 1: expected a metric name in " a 2"'],
    [
      "# TYPE a counter ",
      'line 1: type of a: expected one of: counter, gauge, histogram, summary, untyped, got "counter "',
    ],
    ["a", 'line 1: expected a number with or without a timestamp in milliseconds, got ""'],
    ["a one", "line 1: expected a number with or without a timestamp"],
    ["a 0x10", "line 1: expected a number with or without a timestamp"],
    ["a 1_000", "line 1: expected a number with or without a timestamp"],
    ["a 1e999", "line 1: expected a number with or without a timestamp"],
    ["a +NaN", "line 1: expected a number with or without a timestamp"],
    ["a 1 2.5", "line 1: expected a number with or without a timestamp"],
    ["a 1 2 3", "line 1: expected a number with or without a timestamp"],
    ["a 1\r\n", "line 1: expected a number with or without a timestamp"],
    ["a{b=1} 1", 'line 1: expected name="value" or } at "b=1} 1"'],
    ['a{b="1"c="2"} 1', 'line 1: expected name="value" or }'],
    ["a{,} 1", 'line 1: expected name="value" or }'],
    ['a{b="1",,} 1', 'line 1: expected name="value" or }'],
    ['a{b="1" 1', 'line 1: expected name="value" or }'],
    ['a{b="1', 'line 1: expected name="value" or }'],
    ['a{b-c="1"} 1', 'line 1: expected name="value" or }'],
    ['a{b="1",b="2"} 1', "line 1: the label b is repeated"],
    ['a{__name__="1"} 1', "line 1: the label __name__ is repeated"],
    ['a{b="\\x"} 1', "line 1: \\x is not an escape sequence"],
    ['{"a"} 1', "line 1: expected a metric name"],
    [
      "# TYPE a thing\na 1",
      'line 1: type of a: expected one of: counter, gauge, histogram, summary, untyped, got "thing"',
    ],
    [
      "# TYPE a counter\r\na 1",
      'line 1: type of a: expected one of: counter, gauge, histogram, summary, untyped, got "counter\\r"',
    ],
    [
      "# TYPE a\na 1",
      'line 1: type of a: expected one of: counter, gauge, histogram, summary, untyped, got ""',
    ],
  ])("may not be %j", (text, message) => expect(() => parse(text)).toThrow(message));

  it("normalises bounds of histograms and summaries as Prometheus 3 does, and no other labels", () => {
    const text = [
      "# TYPE h histogram",
      'h_bucket{le="1",quantile="1"} 1',
      'h_bucket{le="+Inf"} 1',
      "# TYPE s summary",
      's{quantile="0.50",le="1"} 1',
      "# TYPE g gauge",
      'g{le="1",quantile="1"} 1',
    ].join("\n");
    expect(read(text).map(([series]) => series)).toEqual([
      "__name__=h_bucket,le=1.0,quantile=1",
      "__name__=h_bucket,le=+Inf",
      "__name__=s,le=1,quantile=0.5",
      "__name__=g,le=1,quantile=1",
    ]);
  });

  it("returns the same label objects for the same lines, at any position, while they exist", () => {
    const parser = createExpositionParser();
    const a = 'a{x="1"} ';
    const [firstA, firstB] = parser.parse(`${a}1\nb 2`).series;
    expect(parser.parse(`${a}3\nb 4`)).toMatchObject({ series: [firstA, firstB], values: [3, 4] });
    const moved = parser.parse(`new 0\nb 5\n${a}6\n`);
    expect(moved.series[1]).toBe(firstB);
    expect(moved.series[2]).toBe(firstA);
    expect(moved.values).toEqual([0, 5, 6]);
    expect(parser.parse("b 1").series[0]).toBe(firstB);
    expect(parser.parse(`b 1\n${a}1`).series[1]).not.toBe(firstA);
  });

  it("does not confuse a line with another one that begins alike", () => {
    const parser = createExpositionParser();
    parser.parse("a 1\nb 1");
    expect(parser.parse('a {x="2"} 3\nbb 4')).toMatchObject({
      series: [createLabels({ __name__: "a", x: "2" }), createLabels({ __name__: "bb" })],
      values: [3, 4],
    });
    expect(() => parser.parse("a one")).toThrow(
      "line 1: expected a number with or without a timestamp",
    );
    expect(parser.parse("a 5").values).toEqual([5]);
  });

  it("returns what was written, for any labels and values", () => {
    const name = fc
      .stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,9}$/)
      .filter((text) => text !== "__name__");
    const sample = fc.tuple(name, fc.dictionary(name, fc.string({ unit: "binary" })), fc.double());
    fc.assert(
      fc.property(fc.array(sample), (samples) => {
        const lines = samples.map(([metric, labels, value]) => {
          const pairs = Object.entries(labels).map(
            ([key, text]) =>
              `${key}="${text.replaceAll(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`))}"`,
          );
          const number = Number.isFinite(value)
            ? toNumberText(value)
            : value > 0
              ? "+Inf"
              : value < 0
                ? "-Inf"
                : "NaN";
          return `${metric}{${pairs.join(",")}} ${number}`;
        });
        const { series, values } = parse(lines.join("\n"));
        expect(values).toEqual(samples.map(([, , value]) => value));
        const expected = samples.map(([metric, labels]) =>
          toLabelsKey(
            createLabels([
              ["__name__", metric],
              ...Object.entries(labels).filter(([, value]) => value !== ""),
            ]),
          ),
        );
        expect(series.map(toLabelsKey)).toEqual(expected);
      }),
    );
  });
});

describe("anything else", () => {
  it("is either an error with a line or an exposition", () => {
    const piece = fc.constantFrom(
      ...'# \t\n{}=,"\\a1.e+-_:',
      "TYPE ",
      "HELP ",
      'a{b="',
      "\u2028",
      "\r",
      "\u0000",
    );
    const parser = createExpositionParser();
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          const { series, values } = parser.parse(pieces.join(""));
          expect(values.length).toBe(series.length);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpositionError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a bound", () => {
  it.each([
    // As Go's strconv.FormatFloat(x, 'g', -1, 64) formats them, with ".0" if there is neither point nor exponent.
    ["1", "1.0"],
    ["0.50", "0.5"],
    ["1e5", "100000.0"],
    ["123456", "123456.0"],
    ["1234567", "1.234567e+06"],
    ["1e6", "1e+06"],
    ["100000.5", "100000.5"],
    ["0.0001", "0.0001"],
    ["0.000025", "2.5e-05"],
    ["5e-324", "5e-324"],
    ["-2", "-2.0"],
    ["0", "0.0"],
    ["inf", "+Inf"],
    ["-Inf", "-Inf"],
    ["NaN", "NaN"],
    ["fast", "fast"],
    ["", ""],
  ])("%s is stored as %s", (text, stored) => expect(normaliseBound(text)).toBe(stored));
});

/** As JavaScript formats it, but with the sign of zero. */
function toNumberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
