import type uPlot from "uplot";
import { asNumber, asObject, asText } from "../../grafana/json.ts";
import type { Line } from "./columns.ts";

/** A vertical axis: fields with the same unit, limits and placement share it. */
export interface Scale {
  readonly key: string;
  readonly lines: readonly Line[];
}

function toScaleKey({ field: { config } }: Line): string {
  const { axisPlacement, axisSoftMin, axisSoftMax, axisLabel } = config.custom;
  return JSON.stringify([
    isPercentStack(config.custom) ? "percentunit" : (config.unit ?? ""),
    config.min,
    config.max,
    axisPlacement === "auto" ? undefined : axisPlacement,
    axisSoftMin,
    axisSoftMax,
    asText(axisLabel) || undefined,
    config.custom["scaleDistribution"],
  ]);
}

/** True if the values of a stack are shares of their sum. */
export function isPercentStack(custom: Line["field"]["config"]["custom"]): boolean {
  return asObject(custom["stacking"])["mode"] === "percent";
}

/** Groups lines by their axes, in the order of their first lines. */
export function toScales(lines: readonly Line[]): readonly Scale[] {
  const groups = Map.groupBy(lines, toScaleKey);
  return [...groups].map(([key, inside]) => ({ key, lines: inside }));
}

/** @param index number of the axis */
export function isOnRight({ lines }: Pick<Scale, "lines">, index: number): boolean {
  const placement = lines[0]?.field.config.custom["axisPlacement"];
  return placement === "right" || (placement !== "left" && index > 0);
}

/** Returns the lines of the axes on the right, if there are others on the left. */
export function listRightLines(lines: readonly Line[]): ReadonlySet<Line> {
  const right = toScales(lines)
    .filter(isOnRight)
    .flatMap((scale) => scale.lines);
  return new Set(right.length < lines.length ? right : []);
}

/** Returns uPlot's options for an axis: its limits, soft ones included, and its distribution. */
export function toScaleOptions({ lines }: Scale, Plot: typeof uPlot): uPlot.Scale {
  const { config } = lines[0]!.field;
  const { custom } = config;
  const distribution = asObject(custom["scaleDistribution"]);
  if (distribution["type"] === "log") {
    const base = distribution["log"] === 2 ? 2 : 10;
    return {
      distr: 3,
      log: base,
      // Whole powers, so that no line is at the edge.
      range: (_chart, dataMin, dataMax) =>
        Plot.rangeLog(config.min ?? dataMin, config.max ?? dataMax, base, true),
    };
  }
  const [softMin, softMax] = [asNumber(custom["axisSoftMin"]), asNumber(custom["axisSoftMax"])];
  if (distribution["type"] === "symlog") {
    return { distr: 4, asinh: asNumber(distribution["linearThreshold"]) ?? 1 };
  }
  const limits = { min: toLimit(softMin, config.min), max: toLimit(softMax, config.max) };
  return {
    range: (_chart, dataMin, dataMax) => {
      const { min, max } = config;
      if (custom["axisCenteredZero"] === true && Number.isFinite(dataMin)) {
        const most = 1.1 * Math.max(Math.abs(dataMin), Math.abs(dataMax), softMax ?? 0) || 1;
        return [min ?? -most, max ?? most];
      }
      // The whole is 1, below and above 0.
      if (isPercentStack(custom))
        return [min ?? (dataMin < 0 ? -1 : 0), max ?? (dataMax > 0 ? 1 : 0)];
      // Grafana draws an axis to 100, which is 2 mins of seconds.
      if (!Number.isFinite(dataMin) || !Number.isFinite(dataMax)) return [min ?? 0, max ?? 1];
      if (dataMin === 0 && dataMax === 0 && max === undefined)
        return [min ?? 0, softMax ?? (config.unit === "percentunit" ? 1 : 100)];
      const [low, high] = Plot.rangeNum(dataMin, dataMax, limits);
      return [min ?? low, max ?? high];
    },
  };
}

/** Mode 3: the scale begins at 0 if the values are not far above; 1: always. */
function toLimit(soft: number | undefined, hard: number | undefined): uPlot.Range.Limit {
  return {
    pad: 0.1,
    soft: soft ?? 0,
    mode: soft === undefined ? 3 : 1,
    ...(hard !== undefined && { hard }),
  };
}
