/** What a soak saw of its server at one moment. */
export interface Sample {
  readonly seconds: number;
  /** Of all processes of the server. */
  readonly residentBytes: number;
  readonly descriptors: number;
  /** JavaScript objects, garbage that was not collected yet included. */
  readonly heapBytes: number;
  /** What V8 keeps for them, free parts included. */
  readonly heapTotalBytes: number;
}

/** How a series went after the warm-up, which is its first third. */
export interface Trend {
  /** Change over the part that is looked at, as the line of least squares has it. */
  readonly line: number;
  /** Median of that part's last third less the median of its first third. */
  readonly step: number;
}

/** Below this nothing can be said of memory: it has not warmed up. */
const LEAST_SECONDS = 120;
const MOST_BYTES = 25e6;
/** A few connections more or less at the moments of looking. */
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
 * What is wrong with the course that memory and descriptors took; empty when nothing is. Resident memory as a whole says little:
 * garbage piles up for minutes before V8 collects it, by 100 MB. So it is the heap's lowest points that are compared, right
 * after collections, and beside it all that is not heap.
 */
export function findGrowth(samples: readonly Sample[]): string[] {
  if ((samples.at(-1)?.seconds ?? 0) < LEAST_SECONDS) return [];
  const late = samples.slice(Math.floor(samples.length / 3));
  const half = Math.ceil(late.length / 2);
  const toLowest = (part: readonly Sample[]): number =>
    Math.min(...part.map(({ heapBytes }) => heapBytes));
  const heap = toLowest(late.slice(-half)) - toLowest(late.slice(0, half));
  const outside = toTrend(
    samples.map((sample) => [sample.seconds, sample.residentBytes - sample.heapTotalBytes]),
  );
  const files = toTrend(samples.map(({ seconds, descriptors }) => [seconds, descriptors]));
  const faults: string[] = [];
  if (heap > MOST_BYTES) {
    faults.push(`the heap after collections grew by ${(heap / 1e6).toFixed(0)} MB`);
  }
  if (outside.line > MOST_BYTES && outside.step > MOST_BYTES) {
    faults.push(`memory outside of the heap grew by ${(outside.step / 1e6).toFixed(0)} MB`);
  }
  if (files.line > MOST_DESCRIPTORS && files.step > MOST_DESCRIPTORS) {
    faults.push(`${files.step.toFixed(0)} more descriptors are open than after the warm-up`);
  }
  return faults;
}

/**
 * Whether the server's `api_requests_total` is what was sent: of each status at least what was answered so, at most that and
 * the requests whose clients vanished.
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
  const faults: string[] = [];
  let excess = 0;
  for (const status of new Set([...counted.keys(), ...replies.keys()])) {
    const surplus = (counted.get(status) ?? 0) - (replies.get(status) ?? 0);
    excess += surplus;
    if (surplus >= 0) continue;
    faults.push(`${-surplus} replies with status ${status} are missing in api_requests_total`);
  }
  if (excess > vanished) {
    faults.push(`api_requests_total has ${excess - vanished} requests that nobody sent`);
  }
  return faults;
}

function toMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function toMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
