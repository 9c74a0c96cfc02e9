/** Counts the requests that have begun and not ended, so that a stopping server knows when it is done. */
export interface InFlight {
  begin(): void;
  end(): void;
  count(): number;
  /** Resolves as soon as no request is in flight: at once when none is. */
  whenIdle(): Promise<void>;
}

export function createInFlight(): InFlight {
  let count = 0;
  let waiting: (() => void)[] = [];
  return {
    begin() {
      count += 1;
    },
    end() {
      count -= 1;
      if (count > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    count: () => count,
    whenIdle: () =>
      count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)),
  };
}
