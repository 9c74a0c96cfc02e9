import { limitSeries, type LimitedReply, type ReplyPart } from "./limit-series.ts";

/** Characters of a reply whose parsing takes about 10 ms. */
const LARGE = 1_000_000;

/** Parses a reply of the Prometheus API. A large one is parsed in a thread of its own, so that the page keeps responding. */
export function parseReply(text: string): Promise<unknown> {
  if (text.length < LARGE) return Promise.resolve(limitSeries(JSON.parse(text)));
  const { promise, resolve, reject } = Promise.withResolvers<LimitedReply>();
  // Ended with its reply: it holds several times the memory of the text.
  const worker = new Worker(new URL("./parse-worker.ts", import.meta.url), { type: "module" });
  let head: LimitedReply = {};
  const series: unknown[] = [];
  worker.addEventListener("message", ({ data: part }: MessageEvent<ReplyPart>) => {
    switch (part.kind) {
      case "head":
        ({ head } = part);
        return;
      case "series":
        series.push(...part.series);
        return;
      case "end":
        resolve(
          head.data?.result === undefined
            ? head
            : { ...head, data: { ...head.data, result: series } },
        );
        break;
      case "problem":
        reject(new SyntaxError(part.message));
    }
    worker.terminate();
  });
  worker.addEventListener("error", ({ message }) => {
    reject(new Error(message));
    worker.terminate();
  });
  worker.postMessage(text, []);
  return promise;
}
