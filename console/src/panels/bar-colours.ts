import { listScale, resolveColour, type Palette } from "../grafana/colours.ts";
import type { DisplayValue } from "../grafana/display.ts";
import type { ShownField } from "../grafana/resolve-fields.ts";

/** Drawings of a bar: in one color, with a gradient, or of cells. */
export type BarMode = "basic" | "gradient" | "lcd";

/** The properties of a field that decide the colors of its bars. */
type BarField = Pick<ShownField, "config" | "display" | "limits">;

/** A color at a share of the track. */
type Stop = readonly [at: number, colour: string];

/** Parts of a track of cells whose colors may differ. */
const CELLS = 40;

/** Parses the mode of an option; a gradient if it is not set. */
export function toBarMode(mode: unknown): BarMode {
  return mode === "basic" || mode === "lcd" ? mode : "gradient";
}

export function clampShare(share: number): number {
  return Number.isNaN(share) ? 0 : Math.min(Math.max(share, 0), 1);
}

/** Lists the thresholds of a field with their colors and their places, as shares of the track. */
export function listThresholds(
  { config: { thresholds }, limits: { min, max } }: BarField,
  palette: Palette,
): readonly { readonly at: number; readonly colour: string }[] {
  const isPercentage = thresholds?.mode === "percentage";
  return (thresholds?.steps ?? []).map(({ from, colour }) => ({
    at: clampShare(isPercentage ? from / 100 : (from - min) / (max - min)),
    colour: resolveColour(colour, palette),
  }));
}

/** Lists the colors of a bar with a gradient up to a share of its track. */
export function listBlends(
  field: BarField,
  { colour, share }: Pick<DisplayValue, "colour" | "share">,
  palette: Palette,
): readonly Stop[] {
  const mode = field.config.colour?.mode ?? "";
  const length = clampShare(share);
  const scale = listScale(mode, palette);
  if (scale !== undefined) return scale.map((each, index) => [index / (scale.length - 1), each]);
  if (mode !== "thresholds") {
    return [
      [0, colour],
      [length, colour],
    ];
  }
  const steps = listThresholds(field, palette).filter(
    ({ at }, index) => index === 0 || at <= length,
  );
  // A color holds until the middle between its threshold and the next one, and then blends into the next.
  return [
    [0, steps[0]?.colour ?? colour],
    ...steps
      .slice(1)
      .map((step, index): Stop => [(step.at + steps[index]!.at) / 2, steps[index]!.colour]),
    [length, steps.at(-1)?.colour ?? colour],
  ];
}

/** Lists the colors of a track of cells, each of one color. */
export function listCells(field: BarField): readonly Stop[] {
  return Array.from({ length: CELLS }, (_each, index): Stop[] => {
    const colour = colourAt(field, (index + 0.5) / CELLS);
    return [
      [index / CELLS, colour],
      [(index + 1) / CELLS, colour],
    ];
  }).flat();
}

function colourAt({ display, limits: { min, max } }: BarField, share: number): string {
  return display(min + share * (max - min)).colour;
}

/** Returns a CSS gradient. @param length the share of the track that it covers */
export function toGradient(stops: readonly Stop[], length: number, isVertical: boolean): string {
  const list = stops.map(
    ([at, colour]) => `${colour} ${Number(((at / length) * 100).toFixed(2))}%`,
  );
  return `linear-gradient(to ${isVertical ? "top" : "right"}, ${list.join(", ")})`;
}
