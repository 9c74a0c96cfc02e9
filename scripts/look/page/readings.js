/**
 * Reads the panels of a page, of Grafana's components or of the console: `window.readPanels()`. It runs before the scripts of the page and
 * records the content of canvases. Not type-checked, as the other files of this folder.
 */
const { prototype } = CanvasRenderingContext2D;
/** By canvas, since it was cleared. */
const drawings = new WeakMap();

function drawingOf({ canvas }) {
  if (!drawings.has(canvas)) drawings.set(canvas, { labels: [], colors: new Set() });
  return drawings.get(canvas);
}

/** Calls a function before each call of a method of canvases. */
function watch(name, record) {
  const original = prototype[name];
  prototype[name] = function watched(...args) {
    record(this, ...args);
    return original.apply(this, args);
  };
}

watch("clearRect", ({ canvas }) => drawings.delete(canvas));
watch("fillText", (context, text, x, y) => {
  const at = context.getTransform().transformPoint({ x, y });
  const { textAlign: align, textBaseline: baseline } = context;
  drawingOf(context).labels.push({ text, x: at.x, y: at.y, align, baseline });
});
// Lines, points, bars and areas are paths; the grid, thresholds and marks are not.
watch("stroke", (context, path) => addColor(context, path, context.strokeStyle));
watch("fill", (context, path) => addColor(context, path, context.fillStyle));

function addColor(context, path, color) {
  if (path instanceof Path2D) drawingOf(context).colors.add(toHex(color));
}

/** Returns an opaque color as a hex number, `gradient`, or an empty string for a transparent one. */
function toHex(color) {
  if (typeof color !== "string") return "gradient";
  if (/^#[\da-f]{6}/i.test(color)) return color.slice(0, 7).toLowerCase();
  const isShare = color.startsWith("color(srgb");
  const numbers = (color.match(/[\d.]+(?:e-\d+)?/g) ?? []).map(Number);
  const [red = 0, green = 0, blue = 0, alpha = 1] = numbers;
  if (alpha === 0) return "";
  const channels = [red, green, blue].map((channel) =>
    Math.round(isShare ? channel * 255 : channel)
      .toString(16)
      .padStart(2, "0"),
  );
  return `#${channels.join("")}`;
}

/** True for a color that is not gray. */
function isColorful(hex) {
  const channels = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return Math.max(...channels) - Math.min(...channels) > 40;
}

const withoutSpaces = (text) => text.replaceAll(/\s+/g, "");
const textOf = (element) => withoutSpaces(element?.textContent ?? "");

const isBelow = ({ align, baseline }) => align === "center" && baseline === "top";
const isOnLeft = ({ align, baseline }) => align === "right" && baseline === "middle";
const isOnRight = ({ align, baseline }) => align === "left" && baseline === "middle";

function readAxes(element) {
  const canvas = element.querySelector(".uplot canvas");
  const { labels, colors } = drawings.get(canvas) ?? { labels: [], colors: new Set() };
  const list = (isWanted, by) =>
    labels
      .filter((label) => label.text !== "" && isWanted(label))
      .toSorted((a, b) => by(a) - by(b))
      .map(({ text }) => text);
  return {
    times: list(isBelow, ({ x }) => x),
    left: list(isOnLeft, ({ y }) => -y),
    right: list(isOnRight, ({ y }) => -y),
    colors: [...colors].toSorted(),
  };
}

/** Reads the names, colors and statistics of a legend. */
function readLegend(element) {
  const own = element.querySelector(".series-legend");
  if (own !== null) {
    return [...own.querySelectorAll("li, tbody tr")].map((entry) => ({
      name: textOf(entry.querySelector(".legend-text")),
      color: toHex(getComputedStyle(entry.querySelector(".legend-swatch")).backgroundColor),
      statistics: [...entry.querySelectorAll(".legend-value, td")].map(textOf),
    }));
  }
  return [...element.querySelectorAll('[data-testid="series-icon"]')].map((icon) => {
    const entry = icon.closest("tr, li, [data-testid^='data-testid VizLegend series']");
    const style = getComputedStyle(icon);
    return {
      // The console names the axis beside the name.
      name: textOf(entry.querySelector("button") ?? entry).replace("(righty-axis)", ""),
      // A dashed line has a dashed icon.
      color: toHex(style.backgroundColor) || toHex(/rgb\([^)]+\)/.exec(style.backgroundImage)[0]),
      statistics: [...entry.querySelectorAll("td")].slice(1).map(textOf),
    };
  });
}

/** Reads values that are shown as large numbers, gauges or bars: their strings, and the colors in them. */
function readItems(element) {
  return [...element.querySelectorAll("[data-item], .stat-item, .gauge, .bar")].map((item) => ({
    text: textOf(item),
    colors: listColors(item),
  }));
}

function readRows(element) {
  const rows = [...element.querySelectorAll('.table-panel tr, [role="row"]')];
  return rows.map((row) =>
    [...row.querySelectorAll('th, td, [role="columnheader"], [role="gridcell"]')].map(textOf),
  );
}

/** Lists the colors of text, backgrounds, borders and shapes that are not gray. */
function listColors(element) {
  const found = new Set();
  for (const each of [element, ...element.querySelectorAll("*")]) {
    const style = getComputedStyle(each);
    const hasText = [...each.childNodes].some(
      ({ nodeType, data }) => nodeType === Node.TEXT_NODE && data.trim() !== "",
    );
    const used = [
      hasText && each.namespaceURI !== "http://www.w3.org/2000/svg" ? style.color : "",
      style.backgroundColor,
      ...(style.backgroundImage.match(/(?:rgba?|color)\([^)]+\)/g) ?? []),
      style.borderTopWidth === "0px" ? "" : style.borderTopColor,
      style.borderRightWidth === "0px" ? "" : style.borderRightColor,
      each instanceof SVGElement ? style.stroke : "",
      each instanceof SVGElement ? style.fill : "",
    ];
    for (const color of used) {
      const hex = /^(?:rgb|color|#)/.test(color) ? toHex(color) : "";
      if (hex !== "" && isColorful(hex)) found.add(hex);
    }
  }
  return [...found].toSorted();
}

window.readPanels = () =>
  [...document.querySelectorAll("[data-panel], .panel[data-key]")].map((element) => ({
    id: element.dataset.panel ?? element.dataset.key,
    text: textOf(element),
    axes: element.querySelector(".uplot") === null ? undefined : readAxes(element),
    legend: readLegend(element),
    items: readItems(element),
    rows: readRows(element),
  }));
