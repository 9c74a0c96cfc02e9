/** A measurement of the server at one moment. */
export interface ServerSample {
  readonly seconds: number;
  /** Resident memory of all processes of the server. */
  readonly residentBytes: number;
  readonly descriptors: number;
  /** JavaScript objects, including garbage that is not collected yet. */
  readonly heapBytes: number;
  /** Memory that V8 holds for them, including free parts. */
  readonly heapTotalBytes: number;
}

/** The trend of a measurement after the warm-up, which is its first third. */
export interface Trend {
  /** Change after the warm-up, from the least-squares line. */
  readonly line: number;
  /** Median of the last third of that part, minus the median of its first third. */
  readonly step: number;
}

/** Shorter soaks have no verdict on memory: the server has not warmed up. */
const LEAST_SECONDS = 120;
const MOST_BYTES = 25e6;
/** Tolerance for connections that are open at a sample. */
const MOST_DESCRIPTORS = 25;

export function toTrend(points: readonly (readonly [seconds: number, value: number])[]): Trend {
  const late = points.slice(Math.floor(points.length / 3));
  const third = Math.ceil(late.length / 3);
  const step =
    toMedian(late.slice(-third).map(([, value]) => value)) -
    toMedian(late.slice(0, third).map(([, value]) => value));
  const meanX = toMean(late.map(([x]) => x));
  const meanY = toMean(late.map(([, y]) => y));
  let products = 0;
  let squares = 0;
  for (const [x, y] of late) {
    products += (x - meanX) * (y - meanY);
    squares += (x - meanX) ** 2;
  }
  const span = (late.at(-1)?.[0] ?? 0) - (late[0]?.[0] ?? 0);
  return { line: squares === 0 ? 0 : (products / squares) * span, step };
}

/**
 * Finds growth of memory and descriptors; returns a message for each. Resident memory as a whole is not enough: up to 100 MB
 * of garbage pile up for minutes before V8 collects it. Therefore the lowest points of the heap are compared, right after
 * collections, and separately all memory outside of the heap.
 */
export function findGrowth(samples: readonly ServerSample[]): string[] {
  if ((samples.at(-1)?.seconds ?? 0) < LEAST_SECONDS) return [];
  const late = samples.slice(Math.floor(samples.length / 3));
  const half = Math.ceil(late.length / 2);
  const toLowest = (part: readonly ServerSample[]): number =>
    Math.min(...part.map(({ heapBytes }) => heapBytes));
  const heap = toLowest(late.slice(-half)) - toLowest(late.slice(0, half));
  const outside = toTrend(
    samples.map((sample) => [sample.seconds, sample.residentBytes - sample.heapTotalBytes]),
  );
  const files = toTrend(samples.map(({ seconds, descriptors }) => [seconds, descriptors]));
  const problems: string[] = [];
  if (heap > MOST_BYTES) {
    problems.push(`the heap after collections grew by ${(heap / 1e6).toFixed(0)} MB`);
  }
  if (outside.line > MOST_BYTES && outside.step > MOST_BYTES) {
    problems.push(`memory outside of the heap grew by ${(outside.step / 1e6).toFixed(0)} MB`);
  }
  if (files.line > MOST_DESCRIPTORS && files.step > MOST_DESCRIPTORS) {
    problems.push(`${files.step.toFixed(0)} more descriptors are open than after the warm-up`);
  }
  return problems;
}

/**
 * Compares `api_requests_total` with the tally; returns a message for each difference. Each status must have at least the
 * replies that clients got, and all together at most those and the abandoned requests.
 */
export function findMiscounts(
  replies: ReadonlyMap<number, number>,
  vanished: number,
  metrics: string,
): string[] {
  const counted = new Map<number, number>();
  for (const [, status, value] of metrics.matchAll(
    /^api_requests_total\{.*status="(\d+)"\} (\d+)$/gm,
  )) {
    counted.set(Number(status), (counted.get(Number(status)) ?? 0) + Number(value));
  }
  const problems: string[] = [];
  let excess = 0;
  for (const status of new Set([...counted.keys(), ...replies.keys()])) {
    const surplus = (counted.get(status) ?? 0) - (replies.get(status) ?? 0);
    excess += surplus;
    if (surplus >= 0) continue;
    problems.push(`${-surplus} replies with status ${status} are missing in api_requests_total`);
  }
  if (excess > vanished) {
    problems.push(`api_requests_total has ${excess - vanished} requests that no client sent`);
  }
  return problems;
}

function toMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function toMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
