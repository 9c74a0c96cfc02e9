import { nowMs } from "../lib/server-clock.ts";
import { formatFixed } from "./round.ts";
import {
  formatClockParts,
  formatDate,
  formatDuration,
  formatFromNow,
  formatHours,
  formatWords,
  type FormattedValue,
  type TimeZone,
} from "./time-units.ts";

type Decimals = number | null | undefined;
type Format = (value: number, decimals: Decimals, zone: TimeZone) => FormattedValue;

const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];
const SI = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const SI_BASE = SI.indexOf("");
const COUNTS = ["", "K", "M", "B", "T"];
const SHORT = ["", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept"];

/** Units with SI prefixes: symbol, and the index of the prefix that 1 has. */
const SI_UNITS: Readonly<Record<string, readonly [symbol: string, offset?: number]>> = {
  decbits: ["b"],
  decbytes: ["B"],
  deckbytes: ["B", 1],
  decmbytes: ["B", 2],
  decgbytes: ["B", 3],
  dectbytes: ["B", 4],
  Bps: ["B/s"],
  KBs: ["B/s", 1],
  MBs: ["B/s", 2],
  GBs: ["B/s", 3],
  bps: ["b/s"],
  Kbits: ["b/s", 1],
  Mbits: ["b/s", 2],
  Gbits: ["b/s", 3],
  pps: ["p/s"],
  hertz: ["Hz"],
  rothz: ["Hz"],
  amp: ["A"],
  volt: ["V"],
  watt: ["W"],
  kwatt: ["W", 1],
  watth: ["Wh"],
  kwatth: ["Wh", 1],
  joule: ["J"],
  ohm: ["Ω"],
  farad: ["F"],
  lengthm: ["m"],
  lengthmm: ["m", -1],
  lengthkm: ["m", 1],
  massg: ["g"],
  masskg: ["g", 1],
  massmg: ["g", -1],
  litre: ["L"],
  mlitre: ["L", -1],
  voltamp: ["VA"],
  kvoltamp: ["VA", 1],
  kvolt: ["V", 1],
  mvolt: ["V", -1],
  mamp: ["A", -1],
  mwatt: ["W", -1],
  megwatt: ["W", 2],
  gwatt: ["W", 3],
  Hs: ["H/s"],
  KHs: ["H/s", 1],
  MHs: ["H/s", 2],
  GHs: ["H/s", 3],
  sishort: [""],
  flops: ["FLOPS"],
  gflops: ["FLOPS", 3],
};
const BINARY_UNITS: Readonly<Record<string, readonly [symbol: string, offset?: number]>> = {
  bits: ["b"],
  bytes: ["B"],
  kbytes: ["B", 1],
  mbytes: ["B", 2],
  gbytes: ["B", 3],
  tbytes: ["B", 4],
  binBps: ["B/s"],
  binbps: ["b/s"],
  KiBs: ["B/s", 1],
  MiBs: ["B/s", 2],
  GiBs: ["B/s", 3],
};
/** Counts per time: `1.02K req/s`. */
const COUNT_UNITS: Readonly<Record<string, string>> = {
  cps: "c/s",
  ops: "ops/s",
  reqps: "req/s",
  rps: "rd/s",
  wps: "wr/s",
  iops: "io/s",
  eps: "evt/s",
  mps: "msg/s",
  recps: "rec/s",
  rowsps: "rows/s",
  cpm: "c/m",
  opm: "ops/m",
  reqpm: "req/m",
  rpm: "rd/m",
  wpm: "wr/m",
  epm: "evts/m",
  mpm: "msgs/m",
  recpm: "rec/m",
  rowspm: "rows/m",
};
/** Units behind an unscaled number. */
const PLAIN_UNITS: Readonly<Record<string, string>> = {
  none: "",
  "": "",
  percent: "%",
  humidity: " %H",
  celsius: " °C",
  fahrenheit: " °F",
  kelvin: " K",
  dB: " dB",
  dBm: " dBm",
  rotrpm: " rpm",
  pixel: " px",
  degree: " °",
  radian: " rad",
  ppm: " ppm",
  velocityms: " m/s",
  velocitykmh: " km/h",
  velocitymph: " mph",
  pressurehpa: " hPa",
};
const CURRENCIES: Readonly<Record<string, string>> = {
  currencyUSD: "$",
  currencyGBP: "£",
  currencyEUR: "€",
  currencyJPY: "¥",
};
const DATES: Readonly<Record<string, string>> = {
  dateTimeAsIso: "YYYY-MM-DD HH:mm:ss",
  dateTimeAsIsoNoDateIfToday: "YYYY-MM-DD HH:mm:ss",
  dateTimeAsSystem: "YYYY-MM-DD HH:mm:ss",
  dateTimeAsUS: "MM/DD/YYYY h:mm:ss a",
  dateTimeAsUSNoDateIfToday: "MM/DD/YYYY h:mm:ss a",
};
const BOOLEANS: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  bool: ["True", "False"],
  bool_yes_no: ["Yes", "No"],
  bool_on_off: ["On", "Off"],
};
const DURATIONS: ReadonlySet<string> = new Set(["ns", "µs", "ms", "s", "m", "h", "d"]);

const plain = (text: string, suffix = "", prefix = ""): FormattedValue => ({
  prefix,
  text,
  suffix,
});

/** Formats of one kind each. */
const OTHERS: Readonly<Record<string, Format>> = {
  short: (value, decimals) => formatScaled(value, decimals, 1_000, SHORT, 0, ""),
  percentunit: (value, decimals) => plain(formatFixed(value * 100, decimals), "%"),
  locale: (value, decimals) =>
    plain(
      Number.isFinite(value)
        ? value.toLocaleString("en-US", { maximumFractionDigits: decimals ?? 3 })
        : formatFixed(value),
    ),
  sci: (value, decimals) => plain(value.toExponential(decimals ?? undefined)),
  hex: (value) => plain(value.toString(16).toUpperCase()),
  hex0x: (value) => plain(`0x${value.toString(16).toUpperCase()}`),
  string: (value) => plain(String(value)),
  timeticks: (value, decimals) => formatDuration("s", value / 100, decimals),
  clockms: (value, decimals) => formatClockParts(value, decimals),
  clocks: (value, decimals) => formatClockParts(value * 1_000, decimals),
  dtdurationms: (value, decimals) => formatWords(value, decimals, "millisecond"),
  dtdurations: (value, decimals) => formatWords(value * 1_000, decimals, "second"),
  dateTimeFromNow: (value) => plain(formatFromNow(value, nowMs())),
  dthms: (value) => formatHours(value, false),
  dtdhms: (value) => formatHours(value, true),
};

/** Formats of units with a parameter, for example `suffix:tokens`, by the part before the colon. */
const PARAMETRIC: Readonly<Record<string, (parameter: string) => Format>> = {
  suffix: (unit) => (value, decimals) => plain(formatFixed(value, decimals), ` ${unit}`),
  prefix: (unit) => (value, decimals) => plain(formatFixed(value, decimals), "", unit),
  count: (unit) => (value, decimals) => formatCount(value, decimals, unit),
  si: (unit) => (value, decimals) => {
    const offset = SI.indexOf(unit.slice(0, 1));
    const [symbol, base] =
      unit.length > 1 && offset >= 0 ? [unit.slice(1), offset] : [unit, SI_BASE];
    return formatScaled(value, decimals, 1_000, SI, base, symbol, " ");
  },
  currency: (symbol) => (value, decimals) => formatCurrency(value, decimals, symbol),
  time: (pattern) => (value, _decimals, zone) => plain(formatDate(value, pattern, zone)),
  bool: (names) => {
    const [yes = "True", no = "False"] = names.split("/");
    return (value) => plain(value === 0 ? no : yes);
  },
};

const formats = new Map<string, Format>();

/**
 * Formats a value in one of Grafana's units. Values that are not finite are never scaled. An unknown unit stands behind the value.
 *
 * @param decimals default: about three significant digits
 * @param zone time zone of dates
 */
export function formatUnit(
  unit: string,
  value: number,
  decimals?: Decimals,
  zone: TimeZone = "browser",
): FormattedValue {
  let format = formats.get(unit);
  if (format === undefined) {
    format = findFormat(unit);
    formats.set(unit, format);
  }
  if (Number.isNaN(value)) return plain("NaN");
  return format(value, decimals, zone);
}

/** True for a unit with a format of its own; others stand behind their values as they are. */
export function isKnownUnit(unit: string): boolean {
  const tables = [
    PLAIN_UNITS,
    SI_UNITS,
    BINARY_UNITS,
    COUNT_UNITS,
    CURRENCIES,
    DATES,
    BOOLEANS,
    OTHERS,
  ];
  const [prefix = ""] = unit.split(":");
  return (
    DURATIONS.has(unit) ||
    tables.some((table) => Object.hasOwn(table, unit)) ||
    (prefix !== unit && Object.hasOwn(PARAMETRIC, prefix))
  );
}

function findFormat(unit: string): Format {
  const { [unit]: suffix } = PLAIN_UNITS;
  if (suffix !== undefined) return (value, decimals) => plain(formatFixed(value, decimals), suffix);
  if (DURATIONS.has(unit)) return (value, decimals) => formatDuration(unit, value, decimals);
  const si = SI_UNITS[unit];
  if (si !== undefined) {
    const [symbol, offset = 0] = si;
    return (value, decimals) =>
      formatScaled(value, decimals, 1_000, SI, SI_BASE + offset, symbol, " ");
  }
  const binary = BINARY_UNITS[unit];
  if (binary !== undefined) {
    const [symbol, offset = 0] = binary;
    return (value, decimals) => formatScaled(value, decimals, 1_024, BINARY, offset, symbol, " ");
  }
  const { [unit]: count } = COUNT_UNITS;
  if (count !== undefined) return (value, decimals) => formatCount(value, decimals, count);
  const { [unit]: currency } = CURRENCIES;
  if (currency !== undefined) return (value, decimals) => formatCurrency(value, decimals, currency);
  const { [unit]: pattern } = DATES;
  if (pattern !== undefined) {
    return (value, _decimals, zone) => plain(formatDate(value, pattern, zone));
  }
  const boolean = BOOLEANS[unit];
  if (boolean !== undefined) return (value) => plain(value === 0 ? boolean[1] : boolean[0]);
  const own = OTHERS[unit];
  if (own !== undefined) return own;
  const colon = unit.indexOf(":");
  const make = colon > 0 ? PARAMETRIC[unit.slice(0, colon)] : undefined;
  if (make !== undefined) return make(unit.slice(colon + 1));
  return (value, decimals) => plain(formatFixed(value, decimals), ` ${unit}`);
}

/** Scales by powers of a factor. The prefix is chosen before rounding: 999.5 is `1000`. */
function formatScaled(
  value: number,
  decimals: Decimals,
  factor: number,
  prefixes: readonly string[],
  base: number,
  symbol: string,
  separator = "",
): FormattedValue {
  const power =
    value === 0 || !Number.isFinite(value)
      ? 0
      : Math.floor(Math.log(Math.abs(value)) / Math.log(factor));
  const index = Math.min(Math.max(base + power, 0), prefixes.length - 1);
  const shown = value / factor ** (index - base);
  const unit = `${prefixes[index]}${symbol}`;
  // A value without a size has no prefix; a count keeps its unit.
  const hasUnit = Number.isFinite(value) || (symbol !== "" && separator === "");
  return plain(formatFixed(shown, decimals), hasUnit ? `${separator}${unit}` : "");
}

function formatCount(value: number, decimals: Decimals, unit: string): FormattedValue {
  return formatScaled(value, decimals, 1_000, COUNTS, 0, ` ${unit}`);
}

function formatCurrency(value: number, decimals: Decimals, symbol: string): FormattedValue {
  const formatted = formatScaled(Math.abs(value), decimals, 1_000, COUNTS, 0, "");
  return { ...formatted, prefix: value < 0 ? `-${symbol}` : symbol };
}
