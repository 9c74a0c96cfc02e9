import { setTimeout as sleep } from "node:timers/promises";
import * as zlib from "node:zlib";
import * as fc from "fast-check";
import { request } from "undici";
import { toIrisObject } from "../support/models.ts";
import { startWorkers } from "../support/workers.ts";

/** The outcomes of one run. */
interface HeavyCount {
  rejected: number;
  overloaded: number;
  /** The longest health check in milliseconds. */
  longest: number;
}

const MAX_BYTES = 16 * 1_048_576 - 64;
const CODINGS = {
  gzip: zlib.gzipSync,
  br: (data: string) =>
    zlib.brotliCompressSync(data, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: zlib.zstdCompressSync,
} as const;

/** A compressed body of a repeated piece. */
interface Heavy {
  readonly path: string;
  readonly coding: keyof typeof CODINGS;
  readonly open: string;
  readonly piece: string;
  readonly bytes: number;
  /** True if each repetition has keys of its own. */
  readonly isNumbered: boolean;
}

function heavy(): fc.Arbitrary<Heavy> {
  return fc.record({
    path: fc.constantFrom("/predict", "/predict/batch", "/models/iris/predict/batch"),
    coding: fc.constantFrom<keyof typeof CODINGS>("gzip", "br", "zstd"),
    open: fc.constantFrom("", "[", "{", '{"instances":[', '{"instances":[{'),
    piece: fc.constantFrom(
      "[",
      "{",
      "[],",
      "{},",
      '{"a":',
      '{"a#":0},',
      '"a#":0,',
      '"\\u0061#":[],',
      '"",',
      "0,",
      "1e9,",
      "[[[]]],",
      '"',
      "\\",
      ":",
      " ",
      "\ud83d",
    ),
    bytes: fc.oneof(
      fc.integer({ min: 1_000, max: 2_000_000 }),
      fc.constantFrom(1_000_000, MAX_BYTES, 4 * MAX_BYTES),
    ),
    isNumbered: fc.boolean(),
  });
}

function toBody({ open, piece, bytes, isNumbered, coding }: Heavy): Buffer {
  const times = Math.floor(bytes / (piece.length + 1));
  const text =
    isNumbered && piece.includes("#")
      ? Array.from({ length: Math.min(times, 2_000_000) }, (_, i) =>
          piece.replace("#", String(i)),
        ).join("")
      : piece.repeat(times);
  return CODINGS[coding](open + text.replace(/,$/, ""));
}

/**
 * Sends groups of compressed bodies whose JSON costs more than it weighs. Each gets a 4xx or 503, health checks reply within the time of a few
 * parsed bodies, no worker is replaced, and the server continues to predict.
 */
export async function fuzzHeavyJson(runs: number, seed = 1): Promise<HeavyCount> {
  const count: HeavyCount = { rejected: 0, overloaded: 0, longest: 0 };
  await using workers = await startWorkers(2, [
    "--worker-timeout",
    "20",
    "--max-event-loop-lag",
    "1",
  ]);
  const before = await workers.pids();
  const post = async (path: string, body: string | Buffer, coding?: string): Promise<number> => {
    const headers = {
      "content-type": "application/json",
      ...(coding && { "content-encoding": coding }),
    };
    const reply = await request(`${workers.url}${path}`, { method: "POST", headers, body });
    await reply.body.dump();
    return reply.statusCode;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(heavy(), { minLength: 2, maxLength: 6 }), async (bodies) => {
      const packed = bodies.map((one) => toBody(one));
      // On a busy machine everything takes longer. Without limits, a body of 16 MiB takes this long or longer.
      const limit = Math.max(1_000, 4 * measureParse());
      const over = new AbortController();
      const replies = Promise.all(
        bodies.map(({ path, coding }, i) => post(path, packed[i]!, coding)),
      ).finally(() => over.abort());
      while (!over.signal.aborted) {
        const begun = performance.now();
        const health = await request(`${workers.url}/health/live`);
        await health.body.dump();
        check(health.statusCode === 200, `a live server: ${health.statusCode}`);
        count.longest = Math.max(count.longest, Math.round(performance.now() - begun));
        check(performance.now() - begun < limit, `health checks within ${limit} ms`);
        await sleep(5);
      }
      for (const status of await replies) {
        check(status === 503 || (status >= 400 && status < 500), `4xx or 503: ${status}`);
        if (status === 503) count.overloaded += 1;
        else count.rejected += 1;
      }
      const row = JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2]));
      let status = await post("/predict", row);
      // The lag of the flood may still be measured.
      for (let i = 0; i < 100 && status === 503; i++) {
        await sleep(50);
        status = await post("/predict", row);
      }
      check(status === 200, `a prediction afterwards: ${status}`);
      check(String(await workers.pids()) === String(before), "the same workers");
    }),
    { numRuns: runs, seed, endOnFailure: true },
  );
  return count;
}

function measureParse(): number {
  const json = `[${"[],".repeat(MAX_BYTES / 3)}0]`;
  const begun = performance.now();
  JSON.parse(json);
  return performance.now() - begun;
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Expected ${what}`);
}
