import { describe, expect, it } from "vitest";
import { parse } from "./parser.ts";
import { print } from "./print.ts";

/** test/fuzz/promql.ts tests with random queries that printed expressions parse to themselves. */
describe("print", () => {
  it.each([
    ["up", "up"],
    ["sum  BY(a,b ,)(up)", "sum by (a, b) (up)"],
    ["sum(up) without ()", "sum without () (up)"],
    ["topk(3,up)", "topk(3, up)"],
    [
      "rate(up{a='b',c!~\"d\"}[5m] OFFSET 1m @ end())",
      'rate(up{a="b",c!~"d"}[5m] @ end() offset 1m)',
    ],
    ['{"up"}', '{__name__="up"}'],
    ['{"a b"="c", "up"}', '{"a b"="c",__name__="up"}'],
    ["a+on(x)group_left(y)b", "a + on (x) group_left (y) b"],
    ["a == bool 1", "a == bool 1"],
    ["up[1h:]", "up[1h:]"],
    ["up[step()+1m*2:30s] offset -5m", "up[(step() + (60 * 2)):30s] offset -5m"],
    ["-1^2", "-1 ^ 2"],
    ["-(+Inf)", "-(Inf)"],
    ["rate(up[365d] offset -730d)", "rate(up[1y] offset -2y)"],
    ["rate(up[366d] offset 14d)", "rate(up[366d] offset 2w)"],
    ["rate(up[1001ms] offset 25h2ms)", "rate(up[1s1ms] offset 1d1h2ms)"],
    ["up[1s122ms]", "up[1s122ms]"],
    ["up offset 0.0001", "up offset 0.0001"],
    ["'\\x01\\x7f\\u0085\\x85\\u200b\u00e9\\n'", '"\\u0001\\u007f\\u0085\\ufffd\u200b\u00e9\\n"'],
    ['`a\\b"c`', '"a\\\\b\\"c"'],
  ])("%s", (query, printed) => {
    expect(print(parse(query))).toBe(printed);
  });
});
