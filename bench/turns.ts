import { toMedian } from "./statistics.ts";

/** Rounds whose median is compared with those before it. */
const WINDOW = 3;
/** Number of medians that must be close to one another. */
const MEDIANS = 3;
/** The largest difference between stable medians. */
const MAX_CHANGE = 0.05;

/** The alternatives that a benchmark compares. Each function measures one round. */
export type Sides<Name extends string, T> = Readonly<Record<Name, () => T | Promise<T>>>;

export interface TurnOptions<T> {
  /** Rounds that count. */
  readonly rounds: number;
  /** Maximum number of rounds of warm-up. @default 15 */
  readonly maxWarmUp?: number;
  /** Returns the number that must be stable at the end of the warm-up. */
  cost(measured: T): number;
}

export interface Turns<Name extends string, T> {
  /** The measurements of each side. Those with the same index belong to the same round, and are a pair. */
  readonly measured: Readonly<Record<Name, readonly T[]>>;
  /** Describes the warm-up. */
  readonly warmUp: string;
  readonly isStable: boolean;
}

/**
 * Measures alternatives in turns, so that other work on the machine affects all of them equally. The first rounds are the warm-up and do not
 * count: it ends when, on each side, the last three medians of three rounds differ by less than 5 %.
 */
export async function takeTurns<Name extends string, T>(
  sides: Sides<Name, T>,
  { rounds, maxWarmUp = 15, cost }: TurnOptions<T>,
): Promise<Turns<Name, T>> {
  const names = Object.keys(sides) as Name[];
  const all = names.map((name): [Name, T[]] => [name, []]);
  const takeRound = async (): Promise<void> => {
    for (const [name, list] of all) list.push(await sides[name]());
  };
  const findLargestChange = (): number =>
    Math.max(...all.map(([, list]) => findChange(list.map(cost))));

  let change = Number.POSITIVE_INFINITY;
  let warmUp = 0;
  for (; warmUp < maxWarmUp && change >= MAX_CHANGE; warmUp++) {
    await takeRound();
    change = findLargestChange();
  }
  for (let round = 0; round < rounds; round++) await takeRound();
  const counted = all.map(([name, list]) => [name, list.slice(warmUp)]);
  return {
    measured: Object.fromEntries(counted) as Record<Name, T[]>,
    warmUp: `warm-up of ${warmUp} rounds: ${describeChange(change)}`,
    isStable: change < MAX_CHANGE,
  };
}

function describeChange(change: number): string {
  if (change < MAX_CHANGE) return "stable";
  if (!Number.isFinite(change)) return "too few to know if it is stable";
  return `not stable, the last medians differ by ${(100 * change).toFixed(0)} %`;
}

/** Returns the largest relative difference between the last medians; infinite while there are too few rounds. */
function findChange(costs: readonly number[]): number {
  if (costs.length < WINDOW + MEDIANS - 1) return Number.POSITIVE_INFINITY;
  const medians = Array.from({ length: MEDIANS }, (_, back) => {
    const end = costs.length - back;
    return toMedian(costs.slice(end - WINDOW, end));
  });
  return Math.max(...medians) / Math.min(...medians) - 1;
}
