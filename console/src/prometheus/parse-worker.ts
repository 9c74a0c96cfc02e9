import { limitSeries, type LimitedReply, type ReplyPart } from "./limit-series.ts";

/** Points of a part, which the page takes in about 10 ms. */
const POINTS = 12_000;

const post = (part: ReplyPart): void => postMessage(part);

addEventListener("message", ({ data: text }: MessageEvent<string>) => {
  try {
    send(limitSeries(JSON.parse(text)));
    post({ kind: "end" });
  } catch (error) {
    post({ kind: "problem", message: error instanceof Error ? error.message : String(error) });
  }
});

function send(reply: LimitedReply): void {
  const result = reply.data?.result;
  if (result === undefined) {
    post({ kind: "head", head: reply });
    return;
  }
  post({ kind: "head", head: { ...reply, data: { ...reply.data, result: [] } } });
  let series: unknown[] = [];
  let points = 0;
  for (const each of result) {
    series.push(each);
    points += countPoints(each);
    if (points < POINTS) continue;
    post({ kind: "series", series });
    series = [];
    points = 0;
  }
  post({ kind: "series", series });
}

function countPoints(series: unknown): number {
  const hasValues = typeof series === "object" && series !== null && "values" in series;
  return hasValues && Array.isArray(series.values) ? series.values.length : 1;
}
