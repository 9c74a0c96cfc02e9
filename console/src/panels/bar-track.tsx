import type { Palette } from "../grafana/colours.ts";
import type { DisplayValue } from "../grafana/display.ts";
import type { ShownField } from "../grafana/resolve-fields.ts";
import { clampShare, listBlends, listCells, toGradient, type BarMode } from "./bar-colours.ts";

interface Props {
  readonly value: DisplayValue;
  readonly field: ShownField;
  readonly mode: BarMode;
  readonly palette: Palette;
  readonly isVertical?: boolean;
  /** False if the rest of the track has no color. */
  readonly isTrackFilled?: boolean;
}

/** A bar from the minimum of a field to a value. */
export function BarTrack(props: Props) {
  const { value, field, mode, isVertical = false, isTrackFilled = true } = props;
  const share = clampShare(value.share);
  return (
    <span class={`bar-track is-${mode}`} style={isTrackFilled ? {} : { background: "none" }}>
      {mode === "lcd" && isTrackFilled && (
        <span
          class="bar-rest"
          style={{ background: toGradient(listCells(field), 1, isVertical) }}
        />
      )}
      <span
        class="bar-fill"
        style={{
          [isVertical ? "height" : "width"]: `${share * 100}%`,
          background: toBackground(props, share),
          "border-color": value.colour,
        }}
      />
    </span>
  );
}

function toBackground(
  { value, field, mode, palette, isVertical = false }: Props,
  share: number,
): string {
  if (mode === "basic" || share === 0) {
    return `color-mix(in srgb, ${value.colour} 35%, transparent)`;
  }
  const stops = mode === "lcd" ? listCells(field) : listBlends(field, value, palette);
  return toGradient(stops, share, isVertical);
}
