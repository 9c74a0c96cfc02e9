/** Timers may fire this much early. */
const TOLERANCE_SECONDS = 0.05;

/** Calls back at each whole second of a run, however long the last call took. */
export class SecondTicker {
  readonly #now: () => number;
  readonly #onSecond: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;

  /** @param now returns the seconds since the start of the run */
  constructor(now: () => number, onSecond: () => Promise<void>) {
    this.#now = now;
    this.#onSecond = onSecond;
  }

  start(): void {
    if (this.#isStopped) return;
    const now = this.#now();
    const next = Math.floor(now + TOLERANCE_SECONDS) + 1;
    this.#timer = setTimeout(() => (this.#running = this.#tick()), (next - now) * 1_000);
  }

  /** Makes no further calls. Resolves when a call in progress has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #tick(): Promise<void> {
    await this.#onSecond();
    this.start();
  }
}
