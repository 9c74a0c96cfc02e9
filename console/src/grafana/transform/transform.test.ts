import { describe, expect, it } from "vitest";
import type { CellValue } from "../display.ts";
import type { Field, Frame } from "../frames.ts";
import type { Json } from "../json.ts";
import { nameField } from "./parts.ts";
import { transform } from "./transform.ts";

type Column = readonly [name: string, values: readonly CellValue[]];

/** Creates a table. Columns named Time have times. */
function table(refId: string, ...columns: readonly Column[]): Frame {
  return {
    refId,
    name: "",
    fields: columns.map(([name, values]): Field => ({
      name,
      type: name.startsWith("Time") ? "time" : typeof values[0] === "string" ? "string" : "number",
      labels: {},
      values,
    })),
  };
}

/** Creates a series as a range query gives it. */
function series(
  name: string,
  values: readonly (number | null)[],
  labels: Field["labels"] = {},
  times = values.map((_value, index) => index * 1_000),
): Frame {
  return {
    refId: "A",
    name,
    fields: [
      { name: "Time", type: "time", labels: {}, values: times },
      { name: "Value", type: "number", labels, values },
    ],
  };
}

/** Applies one transformation and returns the columns of each frame. */
function apply(frames: readonly Frame[], id: string, options: Json = {}): readonly Column[][] {
  return transform(frames, [{ id, options }]).frames.map((frame) =>
    frame.fields.map((field): Column => [nameField(frame, field), field.values]),
  );
}

const ROUTES = table(
  "A",
  ["route", ["/a", "/b", "/a", "/c"]],
  ["zone", ["x", "x", "y", "y"]],
  ["Value", [1, 2, 5, null]],
);

describe("transformations of rows", () => {
  it("sort by a field, numbers by value and nulls first", () => {
    expect(apply([ROUTES], "sortBy", { sort: [{ field: "Value", desc: true }] })).toEqual([
      [
        ["route", ["/a", "/b", "/a", "/c"]],
        ["zone", ["y", "x", "x", "y"]],
        ["Value", [5, 2, 1, null]],
      ],
    ]);
  });

  it("limit their number", () => {
    expect(apply([ROUTES], "limit", { limitField: 1 })).toEqual([
      [
        ["route", ["/a"]],
        ["zone", ["x"]],
        ["Value", [1]],
      ],
    ]);
  });

  const filter = (id: string, options: Json, match = "all", type = "include") =>
    apply([ROUTES], "filterByValue", {
      type,
      match,
      filters: [
        { fieldName: "Value", config: { id, options } },
        { fieldName: "zone", config: { id: "equal", options: { value: "x" } } },
      ],
    })[0]!.find(([name]) => name === "Value")![1];

  it("filter by values, all or any of the conditions, in or out", () => {
    expect(filter("greater", { value: 1 })).toEqual([2]);
    expect(filter("greater", { value: 1 }, "any")).toEqual([1, 2, 5]);
    expect(filter("greater", { value: 1 }, "any", "exclude")).toEqual([null]);
    expect(filter("isNull", {}, "any")).toEqual([1, 2, null]);
    expect(filter("between", { from: 2, to: 5 }, "any")).toEqual([1, 2, 5]);
    expect(filter("lowerOrEqual", { value: 1 })).toEqual([1]);
    expect(filter("regex", { value: "^[12]$" })).toEqual([1, 2]);
  });

  it("group, in the order of their first rows", () => {
    const fields = {
      route: { operation: "groupby", aggregations: [] },
      Value: { operation: "aggregate", aggregations: ["sum", "lastNotNull", "count"] },
    };
    expect(apply([ROUTES], "groupBy", { fields })).toEqual([
      [
        ["route", ["/a", "/b", "/c"]],
        ["Value (sum)", [6, 2, 0]],
        ["Value (lastNotNull)", [5, 2, null]],
        ["Value (count)", [2, 1, 0]],
      ],
    ]);
  });

  it("become a matrix", () => {
    const options = { columnField: "zone", rowField: "route", valueField: "Value" };
    expect(apply([ROUTES], "groupingToMatrix", options)).toEqual([
      [
        [String.raw`route\zone`, ["/a", "/b", "/c"]],
        ["x", [1, 2, null]],
        ["y", [5, null, null]],
      ],
    ]);
  });

  it("are divided by their values", () => {
    expect(
      transform([ROUTES], [{ id: "partitionByValues", options: { fields: ["zone"] } }]).frames,
    ).toMatchObject([
      { name: "x", fields: [{ values: ["/a", "/b"] }, { values: [1, 2], labels: { zone: "x" } }] },
      {
        name: "y",
        fields: [{ values: ["/a", "/c"] }, { values: [5, null], labels: { zone: "y" } }],
      },
    ]);
  });
});

describe("transformations of fields", () => {
  it("exclude, order by the name users see, and rename", () => {
    const options = {
      excludeByName: { zone: true },
      indexByName: { Value: 0, route: 1 },
      renameByName: { Value: "Requests" },
    };
    expect(apply([ROUTES], "organize", options)).toEqual([
      [
        ["Requests", [1, 2, 5, null]],
        ["route", ["/a", "/b", "/a", "/c"]],
      ],
    ]);
  });

  it("rename by an expression, all hits with the flag g", () => {
    const frames = [series("a-b-c", [1])];
    const rename = (regex: string, renamePattern: string) =>
      apply(frames, "renameByRegex", { regex, renamePattern })[0]!.map(([name]) => name);
    expect(rename("/-/g", ".")).toEqual(["Time", "a.b.c"]);
    expect(rename("/-/", ".")).toEqual(["Time", "a.b-c"]);
    expect(rename("(.)-(.*)", "$2")).toEqual(["Time", "b-c"]);
    expect(rename("b", "x")).toEqual(["Time", "a-b-c"]);
  });

  it("keep fields by name or expression, and leave others out", () => {
    const names = (options: Json) =>
      apply([ROUTES], "filterFieldsByName", options).map((columns) =>
        columns.map(([name]) => name),
      );
    expect(names({ include: { names: ["zone"], pattern: "/^V/" } })).toEqual([["zone", "Value"]]);
    expect(names({ exclude: { pattern: "/e$/" } })).toEqual([]);
    expect(names({ exclude: { names: ["zone"] } })).toEqual([["route", "Value"]]);
  });

  it("keep the frames of queries", () => {
    const frames = ["A", "B", "C"].map((refId) => table(refId, ["Value", [1]]));
    const { frames: kept } = transform(frames, [
      { id: "filterByRefId", options: { include: "A|C" } },
    ]);
    expect(kept.map(({ refId }) => refId)).toEqual(["A", "C"]);
  });

  it("apply to some queries only", () => {
    const frames = ["A", "B"].map((refId) => table(refId, ["Value", [1, 2]]));
    const { frames: changed } = transform(frames, [
      { id: "limit", options: { limitField: 1 }, refIds: "B" },
    ]);
    expect(changed.map(({ refId, fields }) => [refId, fields[0]?.values.length])).toEqual([
      ["A", 2],
      ["B", 1],
    ]);
  });

  it("convert types", () => {
    const conversions = [
      { targetField: "n", destinationType: "number" },
      { targetField: "t", destinationType: "time" },
    ];
    expect(
      apply(
        [table("A", ["n", ["1", "x"]], ["t", ["2026-01-01T00:00:00Z", null]])],
        "convertFieldType",
        {
          conversions,
        },
      ),
    ).toEqual([
      [
        ["n", [1, null]],
        ["t", [1_767_225_600_000, null]],
      ],
    ]);
  });
});

describe("joins", () => {
  it("of series are by time, with the names of the series", () => {
    const frames = [series("a", [1, 2]), series("b", [3, 4], {}, [1_000, 2_000])];
    expect(apply(frames, "joinByField", { byField: "Time", mode: "outer" })).toEqual([
      [
        ["Time", [0, 1_000, 2_000]],
        ["a", [1, 2, null]],
        ["b", [null, 3, 4]],
      ],
    ]);
    expect(apply(frames, "seriesToColumns")).toEqual(apply(frames, "joinByField"));
  });

  const [left, right] = [
    table("A", ["Time", [1, 1]], ["pod", ["x", "y"]], ["Value #A", [1, 2]]),
    table("B", ["Time", [1, 1]], ["pod", ["y", "z"]], ["Value #B", [3, 4]]),
  ];

  it("of tables number the columns that they share", () => {
    expect(apply([left, right], "joinByField", { byField: "pod" })).toEqual([
      [
        ["pod", ["x", "y", "z"]],
        ["Time 1", [1, 1, null]],
        ["Value #A", [1, 2, null]],
        ["Time 2", [null, 1, 1]],
        ["Value #B", [null, 3, 4]],
      ],
    ]);
  });

  it("take the last row of a value that a table has twice", () => {
    const twice = table("B", ["pod", ["y", "y"]], ["Value #B", [3, 4]]);
    expect(apply([left, twice], "joinByField", { byField: "pod" })[0]!.at(-1)).toEqual([
      "Value #B",
      [null, 4],
    ]);
  });

  it("can be inner, with every pair of rows", () => {
    const twice = table("B", ["pod", ["y", "y"]], ["Value #B", [3, 4]]);
    expect(apply([left, twice], "joinByField", { byField: "pod", mode: "inner" })).toEqual([
      [
        ["pod", ["y", "y"]],
        ["Time", [1, 1]],
        ["Value #A", [2, 2]],
        ["Value #B", [3, 4]],
      ],
    ]);
  });

  it("by labels give a column for each value of one", () => {
    const frames = [
      series("", [1, 5], { pod: "x", kind: "used" }),
      series("", [2], { pod: "x", kind: "limit" }),
      series("", [3], { pod: "y", kind: "used" }),
    ];
    expect(apply(frames, "joinByLabels", { value: "kind" })).toEqual([
      [
        ["pod", ["x", "y"]],
        ["used", [5, 3]],
        ["limit", [2, null]],
      ],
    ]);
  });

  it("put frames beside each other", () => {
    expect(apply([left, series("b", [9])], "concatenate")[0]!.map(([name]) => name)).toEqual([
      "Time",
      "pod",
      "Value #A",
      "Time",
      "b",
    ]);
  });
});

describe("calculated fields", () => {
  const frames = [series("in", [1, 2, null]), series("out", [3, 4, 5])];
  const added = (options: Json) => apply(frames, "calculateField", options)[0]!;

  it("reduce the fields of a row, after a join by time", () => {
    expect(added({ mode: "reduceRow", reduce: { reducer: "sum" } })).toEqual([
      ["Time", [0, 1_000, 2_000]],
      ["in", [1, 2, null]],
      ["out", [3, 4, 5]],
      ["Total", [4, 6, 5]],
    ]);
    expect(added({ reduce: { reducer: "max", include: ["in"] }, alias: "top" }).at(-1)).toEqual([
      "top",
      [1, 2, null],
    ]);
  });

  it("combine two operands, fields or constants, and may replace all others", () => {
    const binary = { left: "out", operator: "/", right: "in" };
    expect(added({ mode: "binary", binary, replaceFields: true })).toEqual([
      ["Time", [0, 1_000, 2_000]],
      ["out / in", [3, 2, null]],
    ]);
    const today = {
      left: { matcher: { id: "byName", options: "in" } },
      operator: "*",
      right: { fixed: "100" },
    };
    expect(added({ mode: "binary", binary: today, alias: "%" }).at(-1)).toEqual([
      "%",
      [100, 200, null],
    ]);
  });

  it("count rows, add up, and change single values", () => {
    expect(added({ mode: "index" }).at(-1)).toEqual(["Row", [0, 1, 2]]);
    const cumulative = { field: "out", reducer: "sum" };
    expect(added({ mode: "cumulativeFunctions", cumulative }).at(-1)![1]).toEqual([3, 7, 12]);
    const unary = { fieldName: "out", operator: "exp" };
    expect(added({ mode: "unary", unary }).at(-1)![1]![0]).toBeCloseTo(Math.exp(3));
    const window = { field: "out", reducer: "mean", windowSizeMode: "fixed", windowSize: 2 };
    expect(added({ mode: "windowFunctions", window }).at(-1)![1]).toEqual([3, 3.5, 4.5]);
  });
});

describe("reductions", () => {
  it("have a row for each field, and a column for each reducer", () => {
    const frames = [series("a", [1, null]), series("b", [3, 5])];
    expect(apply(frames, "reduce", { reducers: ["lastNotNull", "max"] })).toEqual([
      [
        ["Field", ["a", "b"]],
        ["Last *", [1, 5]],
        ["Max", [1, 5]],
      ],
    ]);
  });

  it("have labels as columns on demand", () => {
    const frames = [series("a", [1], { job: "x" }), series("b", [3], { job: "y" })];
    expect(apply(frames, "reduce", { reducers: ["mean"], labelsToFields: true })).toEqual([
      [
        ["job", ["x", "y"]],
        ["Mean", [1, 3]],
      ],
    ]);
  });

  it("keep the frames in the other mode", () => {
    expect(
      apply([series("a", [1, 5])], "reduce", { mode: "reduceFields", reducers: ["min"] }),
    ).toEqual([[["a", [1]]]]);
  });
});

describe("series", () => {
  it("give their labels as columns of one table", () => {
    const frames = [series("a", [1], { job: "x" }), series("b", [2], { job: "y" })];
    expect(apply(frames, "labelsToFields", { mode: "columns" })).toEqual([
      [
        ["Time", [0, 0]],
        ["job", ["x", "y"]],
        ["Value", [1, 2]],
      ],
    ]);
  });

  it("give one of their labels as the names of columns", () => {
    const frames = [
      series("a", [1], { job: "x", kind: "used" }),
      series("b", [2], { job: "x", kind: "free" }),
    ];
    expect(apply(frames, "labelsToFields", { valueLabel: "kind" })).toEqual([
      [
        ["Time", [0]],
        ["job", ["x"]],
        ["used", [1]],
        ["free", [2]],
      ],
    ]);
  });

  it("become rows, the newest first", () => {
    expect(apply([series("a", [1, 2]), series("b", [3, 4])], "seriesToRows")).toEqual([
      [
        ["Time", [1_000, 1_000, 0, 0]],
        ["Metric", ["a", "b", "a", "b"]],
        ["Value", [2, 4, 1, 3]],
      ],
    ]);
  });

  it("come from tables with times", () => {
    const long = table("A", ["Time", [2, 1, 1]], ["pod", ["x", "x", "y"]], ["Value", [20, 10, 5]]);
    expect(apply([long], "prepareTimeSeries", { format: "multi" })).toEqual([
      [
        ["Time", [1, 2]],
        ["x", [10, 20]],
      ],
      [
        ["Time", [1]],
        ["y", [5]],
      ],
    ]);
    expect(apply([long], "prepareTimeSeries", { format: "wide" })).toEqual([
      [
        ["Time", [1, 2]],
        ["x", [10, 20]],
        ["y", [5, null]],
      ],
    ]);
  });

  it("become a table with sparklines, which keep their rows", () => {
    const frames = [series("a", [1, 9], { job: "x" }), series("b", [3, 4], { job: "y" })];
    const { frames: sorted } = transform(frames, [
      { id: "timeSeriesTable", options: {} },
      { id: "sortBy", options: { sort: [{ field: "Trend #A" }] } },
    ]);
    expect(sorted[0]?.fields).toMatchObject([
      { name: "job", values: ["y", "x"] },
      {
        name: "Trend #A",
        values: [4, 9],
        trends: [
          [3, 4],
          [1, 9],
        ],
      },
    ]);
  });
});

describe("a histogram", () => {
  it("counts values in buckets of a size", () => {
    expect(apply([series("a", [0, 1, 4.9, 5, 12, null])], "histogram", { bucketSize: 5 })).toEqual([
      [
        ["xMin", [0, 5, 10]],
        ["xMax", [5, 10, 15]],
        ["a", [3, 1, 1]],
      ],
    ]);
  });

  it("has about 30 buckets of a round size, and can count all fields together", () => {
    const frames = [series("a", [0, 29]), series("b", [29.5])];
    const [columns] = apply(frames, "histogram", { combine: true });
    expect(columns!.map(([name, values]) => [name, values.length])).toEqual([
      ["xMin", 30],
      ["xMax", 30],
      ["count", 30],
    ]);
    expect(columns![2]![1].at(-1)).toBe(2);
  });

  it("of equal values is one bucket; without values there is none", () => {
    expect(apply([series("a", [7, 7])], "histogram")).toEqual([
      [
        ["xMin", [7]],
        ["xMax", [8]],
        ["a", [2]],
      ],
    ]);
    expect(apply([series("a", [null])], "histogram")).toEqual([]);
  });
});
