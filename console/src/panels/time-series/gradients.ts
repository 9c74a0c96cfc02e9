import type uPlot from "uplot";
import type { Palette } from "../../grafana/colours.ts";
import type { ShownField } from "../../grafana/resolve-fields.ts";

/** A color of a gradient at a share of its length. */
type Stop = readonly [at: number, colour: string];

/** A stroke or a fill of uPlot that follows the size of the chart. */
type Paint = (chart: uPlot, series: number) => CanvasGradient;

/** Colors of a scale without steps. */
const SMOOTH_STOPS = 32;

/** Returns the gradient of a line; undefined for one color. */
export function paintLine(mode: string, field: ShownField, palette: Palette): Paint | undefined {
  if (mode === "hue") return spreadHue(field.colour, 1, palette);
  return mode === "scheme" && hasValueColours(field) ? paintValues(field, 1) : undefined;
}

/** Returns the gradient of the area below a line; undefined for one color. */
export function paintArea(
  mode: string,
  field: ShownField,
  opacity: number,
  palette: Palette,
): Paint | undefined {
  if (mode === "opacity") return fadeOut(field.colour, opacity);
  if (mode === "hue") return spreadHue(field.colour, opacity, palette);
  return mode === "scheme" && hasValueColours(field) ? paintValues(field, opacity) : undefined;
}

/** Returns a fill that fades out towards the lower end of the axis. */
function fadeOut(colour: string, opacity: number): Paint {
  return paint(() => [
    [0, withOpacity(colour, opacity)],
    [1, withOpacity(colour, 0)],
  ]);
}

/** Returns a paint from a lighter neighbor of a hue to a darker one. */
function spreadHue(colour: string, opacity: number, { isDark }: Palette): Paint {
  const turn = (degrees: number, light: number): string =>
    `hsl(from ${colour} calc(h + ${degrees}) s calc(l + ${light}) / ${opacity})`;
  return paint(() => [
    [0, turn(20, 10)],
    [1, turn(-25, isDark ? -15 : -5)],
  ]);
}

/** True for a field whose color depends on its value. */
function hasValueColours({ config }: ShownField): boolean {
  const mode = config.colour?.mode ?? "";
  return mode === "thresholds" || mode.startsWith("continuous-");
}

/** Returns a paint with the color of each value on the axis. */
function paintValues(field: ShownField, opacity: number): Paint {
  return paint((chart, series) => {
    const key = chart.series[series]?.scale ?? "";
    const { top, height } = chart.bbox;
    const colourAt = (share: number): string =>
      withOpacity(field.display(chart.posToVal(top + share * height, key, true)).colour, opacity);
    return field.config.colour?.mode === "thresholds"
      ? listSteps(colourAt, height)
      : listSamples(colourAt, SMOOTH_STOPS);
  });
}

/** Lists colors at equal distances. */
export function listSamples(colourAt: (share: number) => string, count: number): readonly Stop[] {
  return Array.from({ length: count }, (_each, index): Stop => {
    const share = index / (count - 1);
    return [share, colourAt(share)];
  });
}

/** Lists the colors on both sides of each change. @param rows number of places to look at */
export function listSteps(colourAt: (share: number) => string, rows: number): readonly Stop[] {
  const stops: Stop[] = [[0, colourAt(0)]];
  for (let row = 1; row <= rows; row++) {
    const colour = colourAt(row / rows);
    const before = stops.at(-1)![1];
    if (colour === before) continue;
    const at = (row - 0.5) / rows;
    stops.push([at, before], [at, colour]);
  }
  return stops;
}

/** Unlike a mix with `transparent`, it keeps the hue of a color without opacity, into which a gradient blends. */
function withOpacity(colour: string, opacity: number): string {
  return `rgb(from ${colour} r g b / ${opacity})`;
}

/** Returns a vertical gradient over the plot, from above. */
function paint(listStops: (chart: uPlot, series: number) => readonly Stop[]): Paint {
  return (chart, series) => {
    const { top, height } = chart.bbox;
    const gradient = chart.ctx.createLinearGradient(0, top, 0, top + height);
    for (const [at, colour] of listStops(chart, series)) gradient.addColorStop(at, colour);
    return gradient;
  };
}
