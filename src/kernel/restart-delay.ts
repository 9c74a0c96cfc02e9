/** A worker that serves for less than this is likely to end for the same reason again. */
const QUICK_END_SECONDS = 10;
/** The number of quick ends in a row after which each further restart waits twice as long as the one before. */
const QUICK_ENDS = 3;
const LONGEST_DELAY_SECONDS = 30;
/** Workers that end at the same time are noticed one by one: the first restart must not take the others for alive. */
const TOGETHER_SECONDS = 0.05;

/** The delays before ended workers are started again. */
export interface RestartDelay {
  /** To be called when a worker ends that has served for some time. */
  ended(worker: number, servedSeconds: number): void;
  /** Returns the delay before the next start, and the number of quick ends in a row. */
  next(worker: number): {
    readonly seconds: number;
    readonly ends: number;
    readonly isLong: boolean;
  };
}

export function createRestartDelay(): RestartDelay {
  /** By worker number. */
  const quickEnds = new Map<number, number>();
  return {
    ended(worker, servedSeconds) {
      if (servedSeconds > QUICK_END_SECONDS) quickEnds.delete(worker);
    },
    next(worker) {
      const ends = (quickEnds.get(worker) ?? 0) + 1;
      quickEnds.set(worker, ends);
      if (ends <= QUICK_ENDS) return { seconds: TOGETHER_SECONDS, ends, isLong: false };
      const seconds = Math.min(LONGEST_DELAY_SECONDS, 2 ** (ends - QUICK_ENDS - 1));
      return { seconds, ends, isLong: true };
    },
  };
}
