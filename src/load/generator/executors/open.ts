import type { Scheduler, Timer } from "../scheduler.ts";
import { toDueTimes, type Arrivals, type ArrivalShare } from "./arrivals.ts";

/** A user of an open model: has one iteration at a time. */
export interface OpenUser {
  enter(): Promise<void>;
  /** @param due when it was due, by the scheduler */
  iterate(due: number): Promise<void>;
  leave(): Promise<void>;
  stop(): void;
  destroy(): void;
}

export interface OpenOptions {
  readonly scheduler: Scheduler;
  readonly share: ArrivalShare;
  /** At most so many iterations at a time, in this generator. */
  readonly maxUsers: number;
  /** Of which class the next iteration is to be. */
  nextClass(): number;
  /** @param index which of this generator's users, from 0 */
  createUser(index: number, classIndex: number): OpenUser;
}

/** The least time between two looks at the clock. */
const TICK_SECONDS = 0.001;

/**
 * An open model: iterations begin when they are due, whatever became of those before. Due times go by the start and never by
 * another iteration's end, so a late one makes no other late. Each millisecond begins all that are due by then. One that finds
 * all users busy is dropped and counted. Classes have their shares of iterations, however few users that takes; once there are as
 * many users as there may be, an idle one of another class is taken sooner than none.
 */
export class OpenExecutor {
  /** Since the executor was made. */
  dropped = 0;
  readonly #options: OpenOptions;
  /** By class. */
  readonly #idle: OpenUser[][] = [];
  /** With their classes. */
  readonly #all = new Map<OpenUser, number>();
  readonly #busy = new Map<OpenUser, Promise<void>>();
  #dueTimes: Generator<number, never> | undefined;
  #begun = 0;
  #next = Infinity;
  #timer: Timer | undefined;
  #isStopping = false;

  constructor(options: OpenOptions) {
    this.#options = options;
  }

  /** Begins, or goes on in another way from now on. */
  follow(arrivals: Arrivals): void {
    if (this.#isStopping) return;
    this.#timer?.cancel();
    this.#begun = this.#options.scheduler.now();
    this.#dueTimes = toDueTimes(arrivals, this.#options.share);
    this.#advance();
    this.#tick();
  }

  /** Classes of the users that have an iteration in progress. */
  get classes(): readonly number[] {
    return Array.from(this.#busy.keys(), (user) => this.#all.get(user) ?? 0);
  }

  /** No new iteration; resolves when those in progress are over and all users gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#timer?.cancel();
    for (const user of this.#busy.keys()) user.stop();
    while (this.#busy.size > 0) await Promise.all(this.#busy.values());
    await Promise.all(Array.from(this.#all.keys(), (user) => user.leave()));
    this.#all.clear();
  }

  destroy(): void {
    this.#isStopping = true;
    this.#timer?.cancel();
    for (const user of this.#all.keys()) user.destroy();
  }

  #advance(): void {
    this.#next = this.#begun + (this.#dueTimes?.next().value ?? Infinity);
  }

  readonly #tick = (): void => {
    const { scheduler } = this.#options;
    let now = scheduler.now();
    while (this.#next <= now && !this.#isStopping) {
      this.#begin(this.#next);
      this.#advance();
      if (this.#next > now) now = scheduler.now();
    }
    if (this.#next === Infinity || this.#isStopping) return;
    this.#timer = scheduler.after(Math.max(TICK_SECONDS, this.#next - now), this.#tick);
  };

  #begin(due: number): void {
    const wanted = this.#options.nextClass();
    let user = this.#idle[wanted]?.pop();
    if (user === undefined && this.#all.size >= this.#options.maxUsers) {
      user = this.#idle.find((idle) => idle !== undefined && idle.length > 0)?.pop();
      if (user === undefined) {
        this.dropped += 1;
        return;
      }
    }
    const isNew = user === undefined;
    user ??= this.#options.createUser(this.#all.size, wanted);
    if (isNew) this.#all.set(user, wanted);
    this.#busy.set(user, this.#iterate(user, due, isNew));
  }

  async #iterate(user: OpenUser, due: number, isNew: boolean): Promise<void> {
    if (isNew) await user.enter();
    await user.iterate(due);
    this.#busy.delete(user);
    (this.#idle[this.#all.get(user) ?? 0] ??= []).push(user);
  }
}
