import { parseHex, toHex, type Rgb } from "./colours.ts";

/** Shades on each side of a color. */
const SHADE_COUNT = 5;
/** The degrees and the percentage that a shade after the last one would turn and change. */
const [MAX_TURN, MAX_CHANGE] = [10, 35];

/** Returns the shade of a hex color for the series with an index: the color, a brighter one, a darker one, and so on. */
export function pickShade(colour: string, index: number): string {
  const position = index % (2 * SHADE_COUNT + 1);
  if (position === 0 || !/^#[\da-f]{6}$/i.test(colour)) return colour;
  const share = Math.ceil(position / 2) / (SHADE_COUNT + 1);
  const change = (share * MAX_CHANGE) / 100;
  const isBrighter = position % 2 === 1;
  const [hue, ...own] = toHsl(parseHex(colour));
  const turned = fromHsl((hue + (isBrighter ? share : -share) * MAX_TURN + 360) % 360, ...own);
  if (isBrighter) {
    const added = Math.round(255 * change);
    return toHex(turned.map((channel) => Math.min(255, Math.round(channel) + added)));
  }
  const [turnedHue, saturation, lightness] = toHsl(turned);
  return toHex(fromHsl(turnedHue, saturation, Math.max(0, lightness - change)));
}

/** Returns hue in degrees, saturation and lightness from 0 to 1. */
function toHsl(colour: Rgb): Rgb {
  const [red, green, blue] = [colour[0] / 255, colour[1] / 255, colour[2] / 255];
  const [low, high] = [Math.min(red, green, blue), Math.max(red, green, blue)];
  const [range, lightness] = [high - low, (high + low) / 2];
  if (range === 0) return [0, 0, lightness];
  const saturation = range / (1 - Math.abs(2 * lightness - 1));
  const sixth =
    high === red
      ? (green - blue) / range
      : high === green
        ? (blue - red) / range + 2
        : (red - green) / range + 4;
  return [(sixth * 60 + 360) % 360, saturation, lightness];
}

function fromHsl(hue: number, saturation: number, lightness: number): Rgb {
  // Grafana's library cuts both to a hundredth of a percent.
  const [full, light] = [saturation, lightness].map(
    (share) => Math.trunc(share * 10_000 + 1e-9) / 10_000,
  ) as [number, number];
  const most = full * Math.min(light, 1 - light);
  const [red, green, blue] = [0, 8, 4].map((offset) => {
    const at = (offset + hue / 30) % 12;
    return 255 * (light - most * Math.max(-1, Math.min(at - 3, 9 - at, 1)));
  });
  return [red!, green!, blue!];
}
