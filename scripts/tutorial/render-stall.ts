import type { BenchmarkResult } from "../../bench/save-result.ts";

const PERCENTILES = ["p50", "p95", "p99"] as const;
/** The longest bar, in pixels. */
const WIDTH = 495;
const LEFT = 70;
const TOPS = [50, 100, 150];
const DRAWING = /<desc id="d">[^<]*<\/desc>/;
const BARS = /<g class="box">[^]*<\/g>\n(?=<rect class="box" x="470")/;
/** The image in the page, with its description. */
const IMAGE = /!\[[^\]]*\](?=\([^)]*coordinated-omission\.svg\))/;

interface Stall {
  readonly closed: readonly number[];
  readonly open: readonly number[];
}

/** Reads the percentiles of both models, in milliseconds. @throws Error for a result without them */
function readStall({ lines }: BenchmarkResult): Stall {
  const read = (model: string): readonly number[] => {
    const line = lines.find((each) => each.startsWith(`${model}:`)) ?? "";
    return PERCENTILES.map((name) => {
      const number = new RegExp(`${name} ([\\d.]+) ms`).exec(line)?.[1];
      if (number === undefined) throw new Error(`Expected ${name} of the ${model} model.`);
      return Math.round(Number(number));
    });
  };
  return { closed: read("closed"), open: read("open") };
}

function describeStall({ closed, open }: Stall): string {
  return `Bars: in the closed model ${listTimes(closed)}. In the open model ${listTimes(open)}.`;
}

function listTimes([p50, p95, p99]: readonly number[]): string {
  return `p50 is ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`;
}

/** Returns the drawing of coordinated omission with the bars of a result. */
export function drawStall(svg: string, result: BenchmarkResult): string {
  const stall = readStall(result);
  const most = Math.max(...stall.closed, ...stall.open);
  const toWidth = (time: number): number => Math.max(1, Math.round((WIDTH * time) / most));
  const draw = (times: readonly number[], name: string, offset: number): string => {
    const bars = times.map(
      (time, index) =>
        `<rect x="${LEFT}" y="${TOPS[index]! + offset}" width="${toWidth(time)}" height="14"/>`,
    );
    return `<g class="${name}">${bars.join("")}</g>\n`;
  };
  const label = (times: readonly number[], offset: number): readonly string[] =>
    times.map((time, index) => {
      const x = Math.max(80, LEFT + 8 + toWidth(time));
      const y = TOPS[index]! + 12 + offset;
      return `<text class="s" x="${x}" y="${y}">${time.toLocaleString("en")}</text>`;
    });
  const labels = [...label(stall.closed, 0), ...label(stall.open, 16)];
  const parts = [
    draw(stall.closed, "box", 0),
    draw(stall.open, "warm", 16),
    `<g>${labels.join("")}</g>\n`,
  ];
  return svg
    .replace(DRAWING, `<desc id="d">${describeStall(stall)}</desc>`)
    .replace(BARS, parts.join(""));
}

/** Returns the page with the description of the drawing. */
export function describeDrawing(page: string, result: BenchmarkResult): string {
  return page.replace(IMAGE, `![${describeStall(readStall(result))}]`);
}
