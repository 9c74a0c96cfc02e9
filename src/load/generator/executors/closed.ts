import type { Scheduler, Timer } from "../scheduler.ts";

/** A user of a closed model. */
export interface ClosedUser {
  /** Runs task after task; resolves when the user has ended. */
  live(): Promise<void>;
  stop(): void;
  destroy(): void;
}

export interface ClosedOptions {
  readonly scheduler: Scheduler;
  /** Number of this generator, from 0: its users are those whose number has this remainder. */
  readonly generator: number;
  readonly generators: number;
  createUser(id: number): ClosedUser;
  /** Records how late a user began. */
  late(seconds: number): void;
}

/**
 * Runs a closed model: a number of concurrent users, each of which waits for its replies. Users have numbers from 0, and exactly those
 * below the target run. So each generator knows its own users, and classes keep their shares at any number.
 */
export class ClosedExecutor {
  readonly #options: ClosedOptions;
  /** By number. */
  readonly #users = new Map<number, ClosedUser>();
  /** Users that run, and users that are about to end. */
  readonly #ending = new Map<ClosedUser, Promise<void>>();
  #timer: Timer | undefined;
  #isStopping = false;

  constructor(options: ClosedOptions) {
    this.#options = options;
  }

  /** Sets the number of users over all generators, and how many start or stop per second. */
  setUsers(users: number, spawnRate: number): void {
    if (this.#isStopping) return;
    this.#timer?.cancel();
    const begun = this.#options.scheduler.now();
    const from = this.#reached;
    this.#from = from;
    this.#begun = begun;
    this.#target = users;
    this.#rate = spawnRate;
    this.#step();
  }
  /** The number of users over all generators so far, if all of them keep up. */
  #reached = 0;
  #from = 0;
  #begun = 0;
  #target = 0;
  #rate = 1;

  get users(): Iterable<number> {
    return this.#users.keys();
  }

  get isComplete(): boolean {
    return this.#reached === this.#target;
  }

  /** Stops all users, and resolves when they have ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#timer?.cancel();
    for (const user of this.#users.values()) user.stop();
    while (this.#ending.size > 0) await Promise.all(this.#ending.values());
  }

  destroy(): void {
    this.#isStopping = true;
    this.#timer?.cancel();
    for (const user of this.#ending.keys()) user.destroy();
    this.#users.clear();
  }

  #step = (): void => {
    const { scheduler } = this.#options;
    const now = scheduler.now();
    const isRising = this.#target >= this.#from;
    const steps = Math.abs(this.#target - this.#from);
    // The first user of a rise starts at once, the others at equal intervals.
    const done = Math.min(steps, Math.floor((now - this.#begun) * this.#rate + 1e-9) + 1);
    const reached = this.#from + (isRising ? done : -done);
    for (let id = this.#reached; id < reached; id++) {
      if (this.#isOurs(id)) this.#spawn(id, this.#begun + (id - this.#from) / this.#rate, now);
    }
    for (let id = this.#reached - 1; id >= reached; id--) {
      this.#users.get(id)?.stop();
      this.#users.delete(id);
    }
    this.#reached = reached;
    if (done === steps) return;
    const next = this.#begun + done / this.#rate;
    this.#timer = scheduler.after(Math.max(0, next - now), this.#step);
  };

  #isOurs(id: number): boolean {
    return id % this.#options.generators === this.#options.generator;
  }

  #spawn(id: number, due: number, now: number): void {
    this.#options.late(now - due);
    const user = this.#options.createUser(id);
    this.#users.set(id, user);
    const ended = user.live().finally(() => {
      this.#ending.delete(user);
      if (this.#users.get(id) === user) this.#users.delete(id);
    });
    this.#ending.set(user, ended);
  }
}
