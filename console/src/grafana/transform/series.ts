import type { CellValue } from "../display.ts";
import type { Field, Frame } from "../frames.ts";
import { asObject, asText, asTexts, type Json } from "../json.ts";
import { joinByTime } from "./join.ts";
import { merge } from "./merge.ts";
import {
  compareCells,
  countRows,
  createField,
  groupRows,
  nameField,
  pickValues,
  reduceCells,
  type Transform,
} from "./parts.ts";

/** Turns the labels of series into columns of one table, or into rows. */
export const labelsToFields: Transform = (frames, options) => {
  const kept = asTexts(options["keepLabels"]);
  const isKept = (label: string): boolean => kept.length === 0 || kept.includes(label);
  if (options["mode"] === "rows") return frames.flatMap((frame) => listLabels(frame, isKept));
  const valueLabel = asText(options["valueLabel"]);
  const tables = frames.map((frame) => {
    const rows = countRows(frame);
    const columns = new Map<string, Field>();
    const others: Field[] = [];
    for (const field of frame.fields) {
      const { [valueLabel]: title, ...labels } = field.labels;
      for (const [label, value] of Object.entries(labels)) {
        if (isKept(label) && !columns.has(label)) {
          const values = Array.from({ length: rows }, (): CellValue => value);
          columns.set(label, { name: label, type: "string", labels: {}, values });
        }
      }
      const { displayName: _name, ...plain } = field;
      others.push({ ...plain, name: title ?? field.name, labels: {} });
    }
    const times = others.filter(({ type }) => type === "time");
    const values = others.filter(({ type }) => type !== "time");
    return { refId: frame.refId, name: "", fields: [...times, ...columns.values(), ...values] };
  });
  return merge(tables, {});
};

function listLabels(frame: Frame, isKept: (label: string) => boolean): readonly Frame[] {
  return frame.fields.flatMap(({ type, labels }) => {
    const pairs = Object.entries(labels).filter(([label]) => isKept(label));
    if (type === "time" || pairs.length === 0) return [];
    const [names, values] = [0, 1].map((at) => pairs.map((pair) => pair[at] ?? ""));
    return [
      {
        refId: frame.refId,
        name: "",
        fields: [
          createField("label", "string", names ?? []),
          createField("value", "string", values ?? []),
        ],
      },
    ];
  });
}

/** Puts the samples of all series into one table: Time, Metric, Value, the newest first. */
export const seriesToRows: Transform = (frames) => {
  const rows = frames.flatMap((frame) => {
    const time = frame.fields.find(({ type }) => type === "time");
    if (time === undefined) return [];
    return frame.fields
      .filter(({ type }) => type === "number")
      .flatMap((field) =>
        field.values.map((value, at) => ({
          time: time.values[at] ?? null,
          metric: nameField(frame, field),
          value,
        })),
      );
  });
  const [first] = frames;
  if (first === undefined || rows.length === 0) return frames;
  const sorted = rows.toSorted((a, b) => compareCells(b.time, a.time));
  return [
    {
      refId: first.refId,
      name: "",
      fields: [
        { ...createField("Time", "time", []), values: sorted.map(({ time }) => time) },
        createField(
          "Metric",
          "string",
          sorted.map(({ metric }) => metric),
        ),
        createField(
          "Value",
          "number",
          sorted.map(({ value }) => value),
        ),
      ],
    },
  ];
};

/** Prepares tables for charts: one frame of all series, or one frame for each. */
export const prepareTimeSeries: Transform = (frames, options) => {
  switch (asText(options["format"], "wide")) {
    case "long":
      return seriesToRows(frames, {});
    case "wide":
      return joinByTime(frames.flatMap(toSeries));
    default:
      return frames.flatMap(toSeries);
  }
};

/** Splits a table with times into series: one for each field of numbers and each combination of its strings. */
function toSeries(frame: Frame): readonly Frame[] {
  const time = frame.fields.find(({ type }) => type === "time");
  if (time === undefined) return [];
  const keys = frame.fields.filter(({ type }) => type === "string");
  const numbers = frame.fields.filter(({ type }) => type === "number");
  const groups = keys.length === 0 ? [[...time.values.keys()]] : groupRows(frame, keys);
  return groups.flatMap((rows) => {
    const sorted = rows.toSorted((a, b) =>
      compareCells(time.values[a] ?? null, time.values[b] ?? null),
    );
    const labels = Object.fromEntries(
      keys.map(({ name, values }) => [name, String(values[rows[0]!] ?? "")]),
    );
    return numbers.map((field): Frame => {
      const own = nameField(frame, field);
      const parts = Object.values(labels);
      const name =
        parts.length === 0 ? own : [...(numbers.length > 1 ? [own] : []), ...parts].join(" ");
      const { displayName: _name, ...plain } = pickValues(field, sorted);
      return {
        refId: frame.refId,
        name,
        fields: [pickValues(time, sorted), { ...plain, labels: { ...field.labels, ...labels } }],
      };
    });
  });
}

/** Puts the series of each query into a table: a row for each, with its labels and its course as a sparkline. */
export const timeSeriesTable: Transform = (frames, options) => {
  const groups = Map.groupBy(frames.filter(hasTime), ({ refId }) => refId);
  const tables = [...groups].map(([refId, series]): Frame => {
    const setting: Json = asObject(options[refId]);
    const numbers = series.flatMap((frame) => frame.fields.filter(({ type }) => type === "number"));
    const labels = [...new Set(numbers.flatMap((field) => Object.keys(field.labels)))];
    const reducer = asText(setting["stat"], "lastNotNull");
    return {
      refId,
      name: "",
      fields: [
        ...labels.map((label) =>
          createField(
            label,
            "string",
            numbers.map((field) => field.labels[label] ?? ""),
          ),
        ),
        {
          ...createField(
            `Trend #${refId}`,
            "number",
            numbers.map(({ values }) => reduceCells(reducer, values)),
          ),
          trends: numbers.map(({ values }) =>
            values.map((value) => (typeof value === "number" ? value : null)),
          ),
        },
      ],
    };
  });
  return [...tables, ...frames.filter((frame) => !hasTime(frame))];
};

/** Changes the types of fields. */
export const convertFieldType: Transform = (frames, options) => {
  const conversions = (Array.isArray(options["conversions"]) ? options["conversions"] : []).map(
    asObject,
  );
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const name = nameField(frame, field);
      const conversion = conversions.findLast(({ targetField }) => targetField === name);
      const convert = CONVERT[asText(conversion?.["destinationType"])];
      if (conversion === undefined || convert === undefined) return field;
      const { type, apply } = convert;
      return {
        ...field,
        type,
        values: field.values.map((value) => (value === null ? null : apply(value))),
      };
    }),
  }));
};

function hasTime({ fields }: Frame): boolean {
  return fields.some(({ type }) => type === "time");
}

interface Conversion {
  readonly type: Field["type"];
  readonly apply: (value: string | number | boolean) => CellValue;
}

const CONVERT: Readonly<Record<string, Conversion>> = {
  number: { type: "number", apply: (value) => orNull(Number(value)) },
  string: { type: "string", apply: String },
  boolean: {
    type: "boolean",
    apply: (value) => value !== "false" && value !== "0" && Boolean(value),
  },
  time: {
    type: "time",
    apply: (value) => {
      const number = Number(value);
      return orNull(Number.isNaN(number) ? Date.parse(String(value)) : number);
    },
  },
};

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
