import type { Scheduler, Timer } from "../scheduler.ts";
import { toDueTimes, type Arrivals, type ArrivalShare } from "./arrivals.ts";

/** A user of an open model. It runs one iteration at a time. */
export interface OpenUser {
  enter(): Promise<void>;
  /** @param due due time, by the scheduler */
  iterate(due: number): Promise<void>;
  leave(): Promise<void>;
  stop(): void;
  destroy(): void;
}

export interface OpenOptions {
  readonly scheduler: Scheduler;
  readonly share: ArrivalShare;
  /** Maximum iterations in progress in this generator. */
  readonly maxUsers: number;
  /** Returns the class of the next iteration. */
  nextClass(): number;
  /** @param index number of the user in this generator, from 0 */
  createUser(index: number, classIndex: number): OpenUser;
}

/** Minimum interval between two ticks. */
const TICK_SECONDS = 0.001;

/**
 * Runs an open model: iterations start when they are due, independent of earlier ones. Due times follow from the start and never from the
 * end of another iteration, so a late iteration makes no other one late. A tick every millisecond starts all iterations that are due. An
 * iteration that finds all users busy is dropped and counted. Classes have their shares of iterations, with as few users as possible. At
 * the maximum number of users, an iteration takes an idle user of another class rather than none.
 */
export class OpenExecutor {
  /** Dropped iterations so far. */
  dropped = 0;
  readonly #options: OpenOptions;
  /** Idle users by class. */
  readonly #idle: OpenUser[][] = [];
  /** All users with their classes. */
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

  /** Follows these arrivals from now on. */
  follow(arrivals: Arrivals): void {
    if (this.#isStopping) return;
    this.#timer?.cancel();
    this.#begun = this.#options.scheduler.now();
    this.#dueTimes = toDueTimes(arrivals, this.#options.share);
    this.#advance();
    this.#tick();
  }

  /** Classes of the users with an iteration in progress. */
  get classes(): readonly number[] {
    return Array.from(this.#busy.keys(), (user) => this.#all.get(user)!);
  }

  /** Starts no further iteration. Resolves when those in progress and all users have ended. */
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
    const index = this.#options.nextClass();
    let user = this.#idle[index]?.pop();
    if (user === undefined && this.#all.size >= this.#options.maxUsers) {
      user = this.#idle.find((idle) => idle !== undefined && idle.length > 0)?.pop();
      if (user === undefined) {
        this.dropped += 1;
        return;
      }
    }
    const isNew = user === undefined;
    user ??= this.#options.createUser(this.#all.size, index);
    if (isNew) this.#all.set(user, index);
    this.#busy.set(user, this.#iterate(user, due, isNew));
  }

  async #iterate(user: OpenUser, due: number, isNew: boolean): Promise<void> {
    if (isNew) await user.enter();
    await user.iterate(due);
    this.#busy.delete(user);
    (this.#idle[this.#all.get(user)!] ??= []).push(user);
  }
}
