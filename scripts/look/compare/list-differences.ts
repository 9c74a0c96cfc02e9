import { DARK, LIGHT, toReadable } from "../../../console/src/grafana/colours.ts";
import type { Reading } from "./read-panels.ts";

/** A part of a panel in which the console differs from Grafana's components. */
export interface Difference {
  readonly panel: string;
  readonly part: string;
  readonly grafana: string;
  readonly console: string;
  /** The reason of a difference that is intended, or that comes from the comparison itself. */
  readonly reason: string | undefined;
}

type Axes = NonNullable<Reading["axes"]>;

const NO_AXES: Axes = { times: [], left: [], right: [], colors: [] };

/** The parts that are compared, by panel type. Grafana's packages draw no heatmaps. */
const PARTS: Readonly<Record<string, Readonly<Record<string, (reading: Reading) => string>>>> = {
  timeseries: {
    "time axis": ({ axes = NO_AXES }) => axes.times.join(", "),
    "left axis": ({ axes = NO_AXES }) => axes.left.join(", "),
    "right axis": ({ axes = NO_AXES }) => axes.right.join(", "),
    colors: ({ axes = NO_AXES }) => axes.colors.join(", "),
    legend: ({ legend }) => legend.map(({ name }) => name).join(", "),
    "legend colors": ({ legend }) => legend.map(({ color }) => color).join(", "),
    "legend statistics": ({ legend }) =>
      legend.map(({ statistics }) => statistics.join(" ")).join(", "),
  },
  ...Object.fromEntries(
    ["stat", "gauge", "bargauge"].map((type) => [
      type,
      {
        values: ({ items }: Reading) => items.map(({ text }) => text).join(", "),
        "colors of values": ({ items }: Reading) =>
          items.map(({ colors }) => colors.join(" ")).join(", "),
      },
    ]),
  ),
  table: { rows: ({ rows }) => rows.map((cells) => cells.join(" | ")).join("\n") },
};

/** Known differences, which docs/console.md explains. */
const REASONS: readonly {
  readonly parts: readonly string[];
  readonly applies: (grafana: string, console: string, type: string) => boolean;
  readonly reason: string;
}[] = [
  {
    parts: ["left axis", "right axis"],
    applies: isPart,
    reason: "the plots differ by some pixels in height, so one has more labels",
  },
  {
    parts: ["time axis"],
    applies: (grafana, console) => grafana.replaceAll(/:00(?=,|$)/g, "") === console,
    reason: "the console leaves out the seconds of whole minutes",
  },
  {
    parts: ["rows"],
    applies: (grafana, console) => console.startsWith(`${grafana}\n`),
    reason: "Grafana's table has the rows in view only",
  },
  {
    parts: ["rows"],
    applies: (grafana, console) => grafana.replaceAll(/\.000(?= )/g, "") === console,
    reason: "the console leaves out milliseconds that are 0",
  },
  {
    parts: ["colors of values"],
    applies: (grafana, console) => isSameButReadable(grafana, console),
    reason: "text in a color is darker or lighter until its contrast is 4.5",
  },
  {
    parts: ["colors of values"],
    applies: (grafana, console, type) =>
      type === "stat" &&
      /^(?:#\w{6} #\w{6}(?:, |$))+$/.test(grafana) &&
      /^#\w{6}(?:, #\w{6})*$/.test(console),
    reason: "numbers stand on one color, not on two that blend",
  },
  {
    parts: ["values"],
    applies: (_grafana, _console, type) => type === "gauge",
    reason: "Grafana's packages have no gauges; their sketch lacks the names",
  },
];

/** Lists the parts of a panel that differ. */
export function listDifferences(
  panel: string,
  type: string,
  grafana: Reading,
  console: Reading,
): readonly Difference[] {
  return Object.entries(PARTS[type] ?? {}).flatMap(([part, read]): Difference[] => {
    const [theirs, ours] = [read(grafana), read(console)];
    if (theirs === ours) return [];
    const known = REASONS.find(
      ({ parts, applies }) => parts.includes(part) && applies(theirs, ours, type),
    );
    return [{ panel, part, grafana: theirs, console: ours, reason: known?.reason }];
  });
}

/** True if the labels of one axis are among those of the other. */
function isPart(first: string, second: string): boolean {
  const [fewer, more] = [first, second]
    .map((labels) => labels.split(", "))
    .toSorted((a, b) => a.length - b.length);
  return fewer!.length > 1 && fewer!.every((label) => more!.includes(label));
}

/** True if items have the same colors, apart from those of text that would not be readable. */
function isSameButReadable(grafana: string, console: string): boolean {
  const [theirs, ours] = [grafana, console].map((items) =>
    items.split(", ").map((colors) => colors.split(" ")),
  );
  return theirs!.every((colors, index) => {
    const own = ours![index] ?? [];
    return (
      colors.every((color) => listInks(color).some((each) => own.includes(each))) &&
      own.every((color) => colors.flatMap(listInks).includes(color))
    );
  });
}

/** Lists a color, and the colors that the console uses for text of this color in both themes. */
function listInks(color: string): readonly string[] {
  return [color, toReadable(color, DARK), toReadable(color, LIGHT)];
}
