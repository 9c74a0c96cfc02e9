import type { Scheduler, Timer } from "../scheduler.ts";

/** A user of a closed model. */
export interface LivingUser {
  /** Does task after task; resolves when it is gone. */
  live(): Promise<void>;
  stop(): void;
  destroy(): void;
}

export interface ClosedOptions {
  readonly scheduler: Scheduler;
  /** Of how many generators this is which: it has the users whose number leaves this remainder. */
  readonly generator: number;
  readonly generators: number;
  createUser(id: number): LivingUser;
  /** Notes by how much a user began later than it was due. */
  late(seconds: number): void;
}

/**
 * A closed model: so many users at a time, each of whom waits for its replies. Users have numbers from 0, and those below the wanted
 * number are there. So each generator knows which are its own, and classes keep their shares at any number.
 */
export class ClosedExecutor {
  readonly #options: ClosedOptions;
  /** By number. */
  readonly #users = new Map<number, LivingUser>();
  /** Those who live, and those who are about to end. */
  readonly #ending = new Map<LivingUser, Promise<void>>();
  #timer: Timer | undefined;
  #isStopping = false;

  constructor(options: ClosedOptions) {
    this.#options = options;
  }

  /** Has so many users over all generators, of whom so many more, or fewer, each second. */
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
  /** Over all generators: the number that is reached by now if all of them keep up. */
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

  /** Has all users end, and resolves when they have. */
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
    // The first user of a rise comes at once, the others at equal distances.
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
