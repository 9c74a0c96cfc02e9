/** The colors of one theme. */
export interface Palette {
  readonly isDark: boolean;
  /** Background of a panel. */
  readonly background: string;
  readonly text: string;
}

/** The named colors of one hue, from light to dark. The dark theme has the first five, the light theme the last five. */
const HUES: Readonly<Record<string, readonly string[]>> = {
  red: ["#ffa6b0", "#ff7383", "#f2495c", "#e02f44", "#c4162a", "#ad0317"],
  orange: ["#ffcb7d", "#ffb357", "#ff9830", "#ff780a", "#fa6400", "#e55400"],
  yellow: ["#fff899", "#ffee52", "#fade2a", "#f2cc0c", "#e0b400", "#cc9d00"],
  green: ["#c8f2c2", "#96d98d", "#73bf69", "#56a64b", "#37872d", "#19730e"],
  blue: ["#c0d8ff", "#8ab8ff", "#5794f2", "#3274d9", "#1f60c4", "#1250b0"],
  purple: ["#deb6f2", "#ca95e5", "#b877d9", "#a352cc", "#8f3bb8", "#7c2ea3"],
};
const SHADES = ["super-light-", "light-", "", "semi-dark-", "dark-"];

/** Colors after the 18 named ones of the classic palette; 46 hex numbers. */
const MORE =
  "447ebcc15c17890f020a437c6d1f62584477b7dbabf4d59870dbedf9ba8ff2919182b5d8e5a8e2aea2e0629e51e5ac0e64b0c8e0752dbf1b000a50a1962d82614d939ac48af2c96d65c5dbf9934eea64605195ced683ce806eb73f68339673022f575e99440a58140c052b515117493f2b5be0f9d7fceacacffafff9e2d2fce2debadff4f9d9f9dedaf7";
const ORDER = ["green", "yellow", "blue", "orange", "red", "purple"];
const CLASSIC = [
  ...ORDER.map((hue) => (hue === "yellow" ? "semi-dark-yellow" : hue)),
  ...ORDER.map((hue) => `dark-${hue}`),
  ...ORDER.map((hue) => `super-light-${hue}`),
  ...MORE.match(/.{6}/g)!.map((hex) => `#${hex}`),
];
/** The color of what has none. */
export const FALLBACK = "#808080";

export const DARK: Palette = { isDark: true, background: "#181b1f", text: "rgb(204, 204, 220)" };
export const LIGHT: Palette = { isDark: false, background: "#ffffff", text: "rgba(36, 41, 46, 1)" };

/** Returns a CSS color for one of Grafana's names, for example `semi-dark-red`; other colors are returned as they are. */
export function resolveColour(name: string, palette: Palette): string {
  if (name === "text") return palette.text;
  if (name === "panel-bg") return palette.background;
  const shade = SHADES.findLastIndex((prefix) => name.startsWith(prefix) && prefix !== "");
  const index = shade < 0 ? SHADES.indexOf("") : shade;
  const hue = HUES[name.slice(SHADES[index]!.length)];
  return hue?.[palette.isDark ? index : index + 1] ?? name;
}

/** Returns the color of the series with an index in the classic palette. */
export function pickClassic(index: number, palette: Palette): string {
  return resolveColour(CLASSIC[index % CLASSIC.length]!, palette);
}

/** Returns a color that depends on the name alone, from those that contrast with the background. */
export function pickByName(name: string, palette: Palette): string {
  const usable = CLASSIC.map((colour) => resolveColour(colour, palette)).filter(
    (colour) => findContrast(colour, palette.background) >= 3,
  );
  let hash = 5_381;
  for (let index = name.length - 1; index >= 0; index--) {
    hash = (hash * 33) ^ name.charCodeAt(index);
  }
  return usable[(hash >>> 0) % usable.length] ?? FALLBACK;
}

/** Formats channels from 0 to 255. */
export function toHex(channels: readonly number[]): string {
  return `#${channels.map((channel) => Math.round(channel).toString(16).padStart(2, "0")).join("")}`;
}

export type Rgb = readonly [number, number, number];

export function parseHex(colour: string): Rgb {
  const hex = Number.parseInt(colour.slice(1, 7), 16);
  return [hex >> 16, (hex >> 8) & 255, hex & 255];
}

/** Returns the contrast of two hex colors, from 1 to 21 (WCAG 2). */
export function findContrast(a: string, b: string): number {
  const [light, dark] = [a, b]
    .map((colour) => findLuminance(parseHex(colour)))
    .toSorted((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

function findLuminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((channel) => {
    const share = channel / 255;
    return share <= 0.039_28 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** Scales of colors from the lowest to the highest value. */
const SCALES: Readonly<Record<string, readonly string[]>> = {
  "continuous-GrYlRd": ["green", "yellow", "red"],
  "continuous-RdYlGr": ["red", "yellow", "green"],
  "continuous-BlYlRd": ["dark-blue", "super-light-yellow", "dark-red"],
  "continuous-YlRd": ["super-light-yellow", "dark-red"],
  "continuous-BlPu": ["blue", "purple"],
  "continuous-YlBl": ["super-light-yellow", "dark-blue"],
  "continuous-blues": ["panel-bg", "dark-blue"],
  "continuous-reds": ["panel-bg", "dark-red"],
  "continuous-greens": ["panel-bg", "dark-green"],
  "continuous-purples": ["panel-bg", "dark-purple"],
};
const VIRIDIS = ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"];

/** Returns the colors that a scale is made of, for example of `continuous-GrYlRd`; undefined for an unknown scale. */
export function listScale(scale: string, palette: Palette): readonly string[] | undefined {
  if (scale === "continuous-viridis") return VIRIDIS;
  return SCALES[scale]?.map((name) => resolveColour(name, palette));
}

/** Returns the color of a share from 0 to 1 on a scale, for example `continuous-GrYlRd`; undefined for an unknown scale. */
export function pickContinuous(scale: string, share: number, palette: Palette): string | undefined {
  if (scale === "continuous-viridis") return interpolateHex(VIRIDIS, share);
  const colours = listScale(scale, palette)?.map(parseHex);
  if (colours === undefined) return undefined;
  const channels = [0, 1, 2].map((channel) =>
    Math.round(
      toBasis(
        colours.map((colour) => colour[channel]!),
        share,
      ),
    ),
  );
  return `rgb(${channels.join(", ")})`;
}

/** Returns a uniform cubic B-spline through the ends of values, as d3's interpolateRgbBasis. */
function toBasis(values: readonly number[], share: number): number {
  const last = values.length - 1;
  const at = Math.min(Math.max(share, 0), 1);
  const index = Math.min(Math.floor(at * last), last - 1);
  const t = (at - index / last) * last;
  const [v1, v2] = [values[index]!, values[index + 1]!];
  const v0 = index > 0 ? values[index - 1]! : 2 * v1 - v2;
  const v3 = index < last - 1 ? values[index + 2]! : 2 * v2 - v1;
  const [t2, t3] = [t * t, t * t * t];
  const weighted =
    (1 - 3 * t + 3 * t2 - t3) * v0 +
    (4 - 6 * t2 + 3 * t3) * v1 +
    (1 + 3 * t + 3 * t2 - 3 * t3) * v2 +
    t3 * v3;
  return weighted / 6;
}

/** Returns the color between the hex colors of a ramp. */
export function interpolateHex(ramp: readonly string[], share: number): string {
  const at = Math.min(Math.max(share, 0), 1) * (ramp.length - 1);
  const index = Math.min(Math.floor(at), ramp.length - 2);
  const [from, to] = [parseHex(ramp[index]!), parseHex(ramp[index + 1]!)];
  return toHex(from.map((channel, position) => channel + (to[position]! - channel) * (at - index)));
}

/** Returns a hex color, mixed with black or white until text in it has a contrast of 4.5 to the background. */
export function toReadable(colour: string, { isDark, background }: Palette): string {
  if (!/^#[\da-f]{6}$/i.test(colour)) return colour;
  const end = isDark ? "#ffffff" : "#000000";
  for (let share = 0; share < 1; share += 0.04) {
    const mixed = interpolateHex([colour, end], share);
    if (findContrast(mixed, background) >= 4.5) return mixed;
  }
  return end;
}

/** Returns black or white, the readable one on a color. */
export function pickInk(colour: string): string {
  const channels = colour.startsWith("rgb")
    ? (colour.match(/\d+/g) ?? []).map(Number)
    : parseHex(colour);
  const [red = 0, green = 0, blue = 0] = channels;
  return red * 0.299 + green * 0.587 + blue * 0.114 > 140 ? "#000000" : "#ffffff";
}
