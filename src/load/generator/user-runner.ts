import type { Random } from "../../kernel/random.ts";
import { Task, type User } from "../script/definitions.ts";
import type { Reply, RequestOptions, VirtualUser } from "../script/virtual-user.ts";
import type { Timer } from "./scheduler.ts";
import { UserConnection, type ConnectionEnvironment } from "./user-connection.ts";

/** Ends the task of a stopped user: its next request throws it. */
class UserStopped extends Error {
  override readonly name = "UserStopped";
}

/** Task of a class without tasks. Such classes get no users. */
const NO_TASK = new Task(1, () => {}, {}, "");

/** A virtual user: runs the tasks of its class, with waits between them. */
export class UserRunner {
  readonly id: number;
  readonly definition: User;
  readonly #random: Random;
  readonly #environment: ConnectionEnvironment;
  readonly #connection: UserConnection;
  readonly #tasks: readonly Task[];
  readonly #cumulativeWeights: readonly number[];
  readonly #api: VirtualUser;
  #due: number | undefined;
  #isStopping = false;
  #mayRequest = true;
  #wasStopped = false;
  #isDestroyed = false;
  #wake: (() => void) | undefined;

  /**
   * @param tasks the selected tasks of the definition
   * @param host for a definition that sets none
   */
  constructor(
    id: number,
    definition: User,
    tasks: readonly Task[],
    host: string,
    random: Random,
    environment: ConnectionEnvironment,
  ) {
    this.id = id;
    this.definition = definition;
    this.#tasks = tasks;
    let sum = 0;
    this.#cumulativeWeights = tasks.map(({ weight }) => (sum += weight));
    this.#random = random;
    this.#environment = environment;
    this.#connection = new UserConnection(definition.host ?? host, environment);
    this.#api = {
      id,
      random,
      get: (path, options) => this.#request("GET", path, options),
      post: (path, options) => this.#request("POST", path, options),
      request: (method, path, options) => this.#request(method.toUpperCase(), path, options),
      sleep: (seconds) => this.#pause(seconds),
    };
  }

  /** Runs task after task until the user is stopped, for a closed model. Resolves when the user has ended; never rejects. */
  async live(): Promise<void> {
    await this.enter();
    while (!this.#isStopping) {
      const before = this.#connection.sent;
      // As iterate(), without its promises: every request of a generator pays for this loop.
      try {
        await this.#drawTask().run(this.#api);
      } catch (error) {
        this.#recordException(error);
      }
      this.#connection.count();
      const wait = this.#drawWait();
      if (wait > 0) await this.#pause(wait);
      // Tasks without requests must let other users run.
      else if (this.#connection.sent === before) await new Promise(setImmediate);
    }
    await this.leave();
  }

  /** Runs what comes before the first task. */
  async enter(): Promise<void> {
    const { onStart } = this.definition;
    if (onStart !== null) await this.#run(onStart);
  }

  /**
   * Runs one task.
   *
   * @param due due time of its first request; undefined in a closed model
   */
  iterate(due: number | undefined): Promise<void> {
    this.#due = due;
    return this.#run(this.#drawTask().run);
  }

  /** Runs what comes after the last task, and closes the connection. */
  async leave(): Promise<void> {
    this.#isStopping = true;
    const { onStop } = this.definition;
    if (onStop !== null && !this.#isDestroyed) {
      this.#mayRequest = true;
      await this.#run(onStop);
    }
    this.destroy();
  }

  /** Lets the user end: a wait ends at once, and the task may send no further request. */
  stop(): void {
    this.#isStopping = true;
    this.#mayRequest = false;
    this.#wake?.();
  }

  /** Ends the user at once. Its requests in flight count as abandoned. */
  destroy(): void {
    this.#isStopping = true;
    this.#mayRequest = false;
    this.#isDestroyed = true;
    this.#wake?.();
    this.#connection.destroy();
  }

  async #run(step: (user: VirtualUser) => unknown): Promise<void> {
    try {
      await step(this.#api);
    } catch (error) {
      this.#recordException(error);
    }
    this.#connection.count();
  }

  #recordException(error: unknown): void {
    if (!(error instanceof UserStopped)) this.#environment.tally.recordException(error);
  }

  #request(method: string, path: string, options?: RequestOptions): Promise<Reply> {
    if (!this.#mayRequest) return this.#rejectRequest();
    const due = this.#due;
    this.#due = undefined;
    return this.#connection.request(method, path, options, due);
  }

  /** The first request after the stop ends the task. Further ones never resolve, which harms nothing. */
  #rejectRequest(): Promise<never> {
    if (this.#wasStopped) return new Promise(() => {});
    this.#wasStopped = true;
    return Promise.reject(new UserStopped("The user was stopped"));
  }

  #pause(seconds: number): Promise<void> {
    const { scheduler } = this.#environment;
    if (this.#isStopping || !(seconds > 0)) return Promise.resolve();
    const due = scheduler.now() + seconds;
    return new Promise((resolve) => {
      let timer: Timer | undefined = undefined;
      const wake = (): void => {
        this.#wake = undefined;
        if (this.#isStopping) timer?.cancel();
        else this.#environment.late(scheduler.now() - due);
        resolve();
      };
      timer = scheduler.after(seconds, wake);
      this.#wake = wake;
    });
  }

  #drawWait(): number {
    try {
      const seconds = this.definition.waitTime(this.#random);
      if (seconds >= 0) return seconds;
      throw new RangeError(`waitTime returned ${String(seconds)}. Expected a number ≥ 0.`);
    } catch (error) {
      this.#environment.tally.recordException(error);
      return 0;
    }
  }

  #drawTask(): Task {
    const weights = this.#cumulativeWeights;
    let index = 0;
    if (weights.length > 1) {
      const drawn = this.#random.uniform() * weights.at(-1)!;
      while (index < weights.length - 1 && drawn >= weights[index]!) index += 1;
    }
    return this.#tasks[index] ?? NO_TASK;
  }
}
