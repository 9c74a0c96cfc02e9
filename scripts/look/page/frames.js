/** Data frames of a panel: results of its queries, transformed and with field options, as Grafana's data source and panels make them. */
import {
  applyFieldOverrides,
  cacheFieldDisplayNames,
  FieldConfigOptionsRegistry,
  FieldType,
  standardTransformers,
  standardTransformersRegistry,
  toDataFrame,
  transformDataFrame,
} from "@grafana/data";
import { lastValueFrom } from "rxjs";

standardTransformersRegistry.setInit(() =>
  [
    "mergeTransformer",
    "organizeFieldsTransformer",
    "sortByTransformer",
    "filterFieldsByNameTransformer",
  ].map((name) => {
    const transformation = standardTransformers[name];
    return { id: transformation.id, name, transformation, editor: () => null };
  }),
);

const STANDARD =
  "unit min max decimals displayName color thresholds mappings noValue links fieldMinMax filterable";
const CUSTOM =
  "lineWidth fillOpacity showPoints pointSize axisSoftMin axisSoftMax axisPlacement axisLabel axisWidth axisColorMode lineStyle stacking thresholdsStyle hideFrom spanNulls drawStyle lineInterpolation barAlignment barWidthFactor scaleDistribution axisCenteredZero axisGridShow transform gradientMode fillBelowTo cellOptions width minWidth align filterable inspect";
const registry = new FieldConfigOptionsRegistry(() => [
  ...STANDARD.split(" ").map((path) => toItem(path, false)),
  ...CUSTOM.split(" ").map((path) => toItem(path, true)),
]);
function toItem(path, isCustom) {
  return {
    id: isCustom ? `custom.${path}` : path,
    path,
    isCustom,
    name: path,
    process: (value) => value,
    // The time has an axis without these options.
    shouldApply: ({ type }) => type !== FieldType.time || !path.startsWith("axis"),
    settings: {},
  };
}

export async function toFrames(panel, prometheus, width, theme) {
  const answers = await Promise.all(
    panel.targets.map(async (target) => ({
      target,
      ...(target.instant
        ? { vector: await prometheus.instant(target.expr, width) }
        : await prometheus.range(target.expr, width)),
    })),
  );
  const tables = panel.targets.filter(({ format }) => format === "table").length;
  let frames = answers.flatMap((answer) => {
    const { format } = answer.target;
    if (format === "table") return toTable(answer, tables > 1);
    const series =
      answer.vector === undefined
        ? answer.series.map((one) => toSeries(one, answer))
        : answer.vector.map((one) => toPoint(one, answer));
    return format === "heatmap" ? toBuckets(series) : series;
  });
  if ((panel.transformations ?? []).length > 0) {
    frames = await lastValueFrom(transformDataFrame(panel.transformations, frames));
  }
  const drawn = applyFieldOverrides({
    data: frames,
    fieldConfig: withBase(panel.fieldConfig ?? { defaults: {}, overrides: [] }),
    fieldConfigRegistry: registry,
    replaceVariables: (text) => text,
    theme,
    timeZone: "browser",
  });
  cacheFieldDisplayNames(drawn);
  return drawn;
}

/** Grafana loads a base threshold of null as −∞. */
function withBase(config) {
  const copy = structuredClone(config);
  for (const step of copy.defaults.thresholds?.steps ?? []) step.value ??= -Infinity;
  return { defaults: copy.defaults, overrides: copy.overrides ?? [] };
}

function toName({ legendFormat }, labels) {
  return legendFormat.replaceAll(/\{\{\s*(.+?)\s*\}\}/g, (_, name) => labels[name] ?? "");
}

function toSeries({ metric, values }, { target, step, start, end }) {
  const byTime = new Map(values.map(([time, value]) => [time, toNumber(value)]));
  const times = [];
  for (let time = start; time <= end + 1e-6; time += step) times.push(time);
  return toDataFrame({
    refId: target.refId,
    fields: [
      {
        name: "Time",
        type: FieldType.time,
        config: { interval: step * 1_000 },
        values: times.map((time) => time * 1_000),
      },
      {
        name: "Value",
        type: FieldType.number,
        labels: metric,
        config: { displayNameFromDS: toName(target, metric) },
        values: times.map((time) => byTime.get(time) ?? null),
      },
    ],
  });
}

function toPoint({ metric, value }, { target }) {
  return toDataFrame({
    refId: target.refId,
    fields: [
      { name: "Time", type: FieldType.time, values: [value[0] * 1_000] },
      {
        name: "Value",
        type: FieldType.number,
        labels: metric,
        config: { displayNameFromDS: toName(target, metric) },
        values: [toNumber(value[1])],
      },
    ],
  });
}

function toNumber(text) {
  return Number(text.replace("Inf", "Infinity"));
}

function toTable({ target, vector }, isOneOfSeveral) {
  if (vector.length === 0) return [];
  const labels = [...new Set(vector.flatMap(({ metric }) => Object.keys(metric)))].toSorted();
  return [
    toDataFrame({
      refId: target.refId,
      fields: [
        { name: "Time", type: FieldType.time, values: vector.map(({ value }) => value[0] * 1_000) },
        ...labels.map((name) => ({
          name,
          type: FieldType.string,
          config: { filterable: true },
          values: vector.map(({ metric }) => metric[name] ?? ""),
        })),
        {
          name: isOneOfSeveral ? `Value #${target.refId}` : "Value",
          type: FieldType.number,
          values: vector.map(({ value }) => toNumber(value[1])),
        },
      ],
    }),
  ];
}

const toBound = (frame) => toNumber(frame.fields[1].labels.le);

/** Counts by bucket from cumulative ones. */
function toBuckets(cumulative) {
  const sorted = cumulative.toSorted((a, b) => toBound(a) - toBound(b));
  const columns = sorted.map((frame, index) => {
    const [, field] = frame.fields;
    const below = sorted[index - 1]?.fields[1].values;
    return {
      ...field,
      name: field.labels.le,
      config: { ...field.config, displayNameFromDS: field.labels.le },
      values: field.values.map((value, i) =>
        value === null ? null : Math.max(0, value - (below?.[i] ?? 0)),
      ),
    };
  });
  if (columns.length === 0) return [];
  const frame = (fields) => toDataFrame({ fields: [sorted[0].fields[0], ...fields] });
  return [frame(columns)];
}
