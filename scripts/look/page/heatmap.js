/** A heatmap of buckets: one row for each bucket, darker or brighter cells for larger values. */
import { FieldType, getValueFormat, formattedValueToString } from "@grafana/data";
import { interpolateOranges } from "d3-scale-chromatic";

const STEPS = 64;
const LEFT = 60;
const BOTTOM = 24;

export function drawHeatmap(canvas, { frame, width, height, theme, from, to }) {
  const context = canvas.getContext("2d");
  const times = frame.fields[0].values;
  const rows = frame.fields.filter(({ type }) => type === FieldType.number);
  const values = rows.flatMap((field) => field.values.filter((value) => value > 1e-9));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [plotWidth, plotHeight] = [width - LEFT - 8, height - BOTTOM - 4];
  const rowHeight = plotHeight / rows.length;
  const toX = (time) => LEFT + ((time / 1_000 - from) / (to - from)) * plotWidth;
  const step = times.length > 1 ? toX(times[1]) - toX(times[0]) : plotWidth;
  context.font = `12px ${theme.typography.fontFamily}`;
  context.textBaseline = "middle";
  for (const [index, field] of rows.entries()) {
    const top = 4 + plotHeight - (index + 1) * rowHeight;
    for (const [i, value] of field.values.entries()) {
      if (!(value > 1e-9)) continue;
      const share = high > low ? (value - low) / (high - low) : 1;
      const color = Math.min(STEPS - 1, Math.floor(share * STEPS)) / (STEPS - 1);
      context.fillStyle = interpolateOranges(theme.isDark ? 1 - color : color);
      context.fillRect(toX(times[i]) - step, top + 0.5, Math.max(1, step - 1), rowHeight - 1);
    }
    context.fillStyle = theme.colors.text.primary;
    context.textAlign = "right";
    const bound = Number(field.labels.le.replace("Inf", "Infinity"));
    const unit = getValueFormat(field.config.unit ?? "short");
    const text = Number.isFinite(bound) ? formattedValueToString(unit(bound)) : "+Inf";
    context.fillText(text, LEFT - 6, top + rowHeight / 2);
  }
  context.textAlign = "center";
  for (let part = 1; part < 6; part++) {
    const time = from + ((to - from) * part) / 6;
    const text = new Date(time * 1_000).toLocaleTimeString([], {
      hour: "2-digit",
      minute: "2-digit",
      hour12: false,
    });
    context.fillText(text, toX(time * 1_000), height - BOTTOM / 2);
  }
}
