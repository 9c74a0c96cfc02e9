/** The visualizations, in Grafana's components with the options that its panels pass to them. */
import {
  dateTime,
  FieldType,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  VizOrientation,
} from "@grafana/data";
import { BarGauge, BigValue, BigValueTextMode, TimeSeries, VizRepeater } from "@grafana/ui";
import { TableNG } from "@grafana/ui/unstable";
import { useLayoutEffect, useRef } from "react";
import { drawHeatmap } from "./heatmap.js";

export function Panel(props) {
  const { panel, frames, width, height, theme } = props;
  const isEmpty = frames.every((frame) => frame.length === 0);
  if (isEmpty) {
    return (
      <div
        style={{
          width,
          height,
          display: "flex",
          alignItems: "center",
          justifyContent: "center",
          textAlign: "center",
          color: theme.colors.text.secondary,
          fontSize: theme.typography.h6.fontSize,
        }}
      >
        {panel.fieldConfig.defaults.noValue ?? "No data"}
      </div>
    );
  }
  const Visualization = KINDS[panel.type];
  return <Visualization {...props} />;
}

const KINDS = {
  timeseries: Graph,
  stat: Stat,
  gauge: Dial,
  bargauge: Bars,
  table: Table,
  heatmap: Heatmap,
};

/** Draws annotations as Grafana does: dashed lines, regions, and a mark below the axis. */
function addAnnotations(config, annotations, theme) {
  config.addHook("draw", (plot) => {
    const { ctx } = plot;
    const { left, top, width, height } = plot.bbox;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height + 12);
    ctx.clip();
    for (const { color, from, to } of annotations) {
      const [x, end] = [from, to].map((time) => plot.valToPos(time, "x", true));
      ctx.strokeStyle = ctx.fillStyle = theme.visualization.getColorByName(color);
      ctx.lineWidth = 2;
      ctx.setLineDash([5, 5]);
      for (const at of new Set([x, end])) {
        ctx.beginPath();
        ctx.moveTo(at, top);
        ctx.lineTo(at, top + height);
        ctx.stroke();
      }
      if (end > x) {
        ctx.globalAlpha = 0.1;
        ctx.fillRect(x, top, end - x, height);
        ctx.globalAlpha = 1;
        ctx.fillRect(x, top + height, end - x, 5);
      } else {
        ctx.beginPath();
        ctx.moveTo(x - 5, top + height + 6);
        ctx.lineTo(x + 5, top + height + 6);
        ctx.lineTo(x, top + height);
        ctx.fill();
      }
    }
    ctx.restore();
  });
}

function Graph({ panel, frames, width, height, annotations, theme, from, to }) {
  const timeRange = {
    from: dateTime(from * 1_000),
    to: dateTime(to * 1_000),
    raw: { from: "", to: "" },
  };
  const drawable = frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) =>
      field.type === FieldType.number
        ? { ...field, values: field.values.map((value) => (Number.isFinite(value) ? value : null)) }
        : field,
    ),
  }));
  const isDone = useRef(null);
  return (
    <TimeSeries
      frames={drawable}
      structureRev={1}
      timeRange={timeRange}
      timeZone="browser"
      width={width}
      height={height}
      legend={panel.options.legend}
      options={panel.options}
    >
      {(config) => {
        if (isDone.current !== config) {
          isDone.current = config;
          addAnnotations(config, annotations, theme);
        }
        return null;
      }}
    </TimeSeries>
  );
}

function toValues({ panel, frames, theme }) {
  return getFieldDisplayValues({
    fieldConfig: panel.fieldConfig,
    reduceOptions: panel.options.reduceOptions ?? { calcs: ["lastNotNull"] },
    replaceVariables: (text) => text,
    theme,
    data: frames,
    sparkline: panel.type === "stat" && panel.options.graphMode !== "none",
    timeZone: "browser",
  });
}

function Stat({ panel, frames, width, height, theme }) {
  const { options } = panel;
  return (
    <VizRepeater
      getValues={() => toValues({ panel, frames, theme })}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, alignmentFactors, width: w, height: h, count }) => (
        <div data-item style={{ display: "contents" }}>
          <BigValue
            value={value.display}
            count={count}
            sparkline={value.sparkline}
            colorMode={options.colorMode ?? "value"}
            graphMode={options.graphMode ?? "area"}
            justifyMode={options.justifyMode ?? "auto"}
            textMode={options.textMode ?? BigValueTextMode.Auto}
            alignmentFactors={alignmentFactors}
            text={options.text}
            width={w}
            height={h}
            theme={theme}
          />
        </div>
      )}
      {...{ width, height }}
      source={frames}
      itemSpacing={3}
      autoGrid
      orientation={options.orientation ?? VizOrientation.Auto}
    />
  );
}

const toPoint = (angle, radius) => `${Math.cos(angle) * radius} ${Math.sin(angle) * radius}`;
function toArc(from, to, radius) {
  const [start, end] = [from, to].map((share) => Math.PI * (0.9 + 1.2 * share));
  const isLarge = end - start > Math.PI ? 1 : 0;
  return `M ${toPoint(start, radius)} A ${radius} ${radius} 0 ${isLarge} 1 ${toPoint(end, radius)}`;
}

/** Not Grafana's component, which needs a plugin that belongs to no package: value, colors and limits are those of its options. */
function Arc({ value, config, width, height, theme }) {
  const { min, max, thresholds } = config;
  const toShare = (number) => Math.min(1, Math.max(0, (number - min) / (max - min)));
  const radius = Math.min(width / 2.4, height / 1.5);
  const steps = thresholds?.steps ?? [];
  return (
    <svg
      width={width}
      height={height}
      viewBox={`${-width / 2} ${-radius * 1.15} ${width} ${height}`}
      fill="none"
    >
      <path
        d={toArc(0, 1, radius * 0.8)}
        stroke={theme.colors.background.secondary}
        strokeWidth={radius * 0.25}
      />
      <path
        d={toArc(0, toShare(value.numeric), radius * 0.8)}
        stroke={value.color}
        strokeWidth={radius * 0.25}
      />
      {steps.map((step, index) => (
        <path
          key={step.value}
          d={toArc(
            toShare(Math.max(step.value, min)),
            toShare(steps[index + 1]?.value ?? max),
            radius,
          )}
          stroke={theme.visualization.getColorByName(step.color)}
          strokeWidth={4}
        />
      ))}
      <text textAnchor="middle" y={radius * 0.1} fontSize={radius * 0.35} fill={value.color}>
        {value.prefix}
        {value.text}
        {value.suffix}
      </text>
    </svg>
  );
}

function Dial({ panel, frames, width, height, theme }) {
  return (
    <VizRepeater
      getValues={() => toValues({ panel, frames, theme })}
      renderValue={({ value, width: w, height: h }) => (
        <div data-item style={{ display: "contents" }}>
          <Arc value={value.display} config={value.field} width={w} height={h} theme={theme} />
        </div>
      )}
      {...{ width, height }}
      source={frames}
      autoGrid
      orientation={VizOrientation.Auto}
    />
  );
}

function Bars({ panel, frames, width, height, theme }) {
  const { options } = panel;
  return (
    <VizRepeater
      getValues={() => toValues({ panel, frames, theme })}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, alignmentFactors, orientation, width: w, height: h, count }) => (
        <div data-item style={{ display: "contents" }}>
          <BarGauge
            value={value.display}
            field={value.field}
            display={value.view?.getFieldDisplayProcessor(value.colIndex)}
            width={w}
            height={h}
            orientation={orientation}
            theme={theme}
            itemSpacing={8}
            lcdCellWidth={12}
            displayMode={options.displayMode}
            alignmentFactors={count > 1 ? alignmentFactors : undefined}
            showUnfilled={options.showUnfilled}
            valueDisplayMode={options.valueMode}
            namePlacement={options.namePlacement}
            text={options.text}
          />
        </div>
      )}
      {...{ width, height }}
      source={frames}
      itemSpacing={10}
      minVizWidth={options.minVizWidth ?? 8}
      minVizHeight={options.minVizHeight ?? 16}
      maxVizHeight={options.sizing === "manual" ? options.maxVizHeight : undefined}
      orientation={options.orientation}
    />
  );
}

function Table({ panel, frames, width, height }) {
  const [frame] = frames;
  return (
    <TableNG
      data={frame}
      width={width}
      height={height}
      noHeader={panel.options.showHeader === false}
      cellHeight={panel.options.cellHeight ?? "sm"}
      initialSortBy={panel.options.sortBy}
      getActions={() => []}
      showTypeIcons={false}
      structureRev={1}
    />
  );
}

/** Not Grafana's component, which belongs to no package: colors and cells as described in its documentation. */
function Heatmap({ frames, width, height, theme, from, to }) {
  const canvas = useRef(null);
  useLayoutEffect(() => {
    drawHeatmap(canvas.current, { frame: frames[0], width, height, theme, from, to });
  }, []);
  return <canvas ref={canvas} width={width} height={height} />;
}
