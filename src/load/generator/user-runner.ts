import type { Client } from "undici";
import type { Random } from "../../kernel/random.ts";
import {
  Task,
  type Reply,
  type RequestOptions,
  type User,
  type VirtualUser,
} from "../script/define.ts";
import { Exchange } from "./exchange.ts";
import { RequestTimeout } from "./failure-kinds.ts";
import type { Scheduler, Timer } from "./scheduler.ts";
import type { Tally } from "./tally.ts";

/** What all users of a generator share. */
export interface UserEnvironment {
  readonly scheduler: Scheduler;
  readonly tally: Tally;
  readonly timeoutSeconds: number;
  readonly headers: Readonly<Record<string, string>>;
  connect(host: string): Client;
  /** Notes by how much a step came later than it was due. */
  late(seconds: number): void;
}

/** Ends a task of a user who was stopped: thrown by its next request. */
class UserStopped extends Error {
  override readonly name = "UserStopped";
}

/** Of a user whose class has none; such classes get no users. */
const NO_TASK = new Task(1, () => {}, {});
const NO_OPTIONS: RequestOptions = {};
const JSON_TYPE = { "content-type": "application/json" };

/** A virtual user: its connection, its requests, what it does next. */
export class UserRunner {
  readonly id: number;
  readonly definition: User;
  readonly #random: Random;
  readonly #environment: UserEnvironment;
  readonly #host: string;
  readonly #tasks: readonly Task[];
  /** Sums of the tasks' weights. */
  readonly #marks: readonly number[];
  readonly #api: VirtualUser;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #jsonHeaders: Readonly<Record<string, string>>;
  #client: Client | undefined;
  /** Sent and not over. */
  #inFlight: Exchange | undefined;
  /** The same, of a script that does not wait for its replies. */
  readonly #moreInFlight = new Set<Exchange>();
  /** Over, and not counted yet. */
  #finished: Exchange | undefined;
  readonly #moreFinished: Exchange[] = [];
  #watch: NodeJS.Timeout | undefined;
  /** When the watch looks next. */
  #watchAt = Infinity;
  #due: number | undefined;
  #sent = 0;
  #isStopping = false;
  #mayAsk = true;
  #wasRefused = false;
  #isGone = false;
  #wake: (() => void) | undefined;

  /**
   * @param tasks those of the definition that take part
   * @param host where the definition names none
   */
  constructor(
    id: number,
    definition: User,
    tasks: readonly Task[],
    host: string,
    random: Random,
    environment: UserEnvironment,
  ) {
    this.id = id;
    this.definition = definition;
    this.#tasks = tasks;
    let sum = 0;
    this.#marks = tasks.map(({ weight }) => (sum += weight));
    this.#host = definition.host ?? host;
    this.#random = random;
    this.#environment = environment;
    this.#headers = environment.headers;
    this.#jsonHeaders = { ...JSON_TYPE, ...environment.headers };
    this.#api = {
      id,
      random,
      get: (path, options) => this.#request("GET", path, options),
      post: (path, options) => this.#request("POST", path, options),
      request: (method, path, options) => this.#request(method.toUpperCase(), path, options),
      sleep: (seconds) => this.#pause(seconds),
    };
  }

  /** A closed model's user: task after task until it is stopped. Resolves when it is gone; never rejects. */
  async live(): Promise<void> {
    await this.enter();
    while (!this.#isStopping) {
      const before = this.#sent;
      // As iterate() does, without its promises: this is what each request of a generator pays for.
      try {
        await this.#drawTask().run(this.#api);
      } catch (error) {
        this.#except(error);
      }
      this.#count();
      const wait = this.#drawWait();
      if (wait > 0) await this.#pause(wait);
      // Tasks that ask nothing must not keep all others from running.
      else if (this.#sent === before) await new Promise(setImmediate);
    }
    await this.leave();
  }

  /** Does what comes before the first task. */
  async enter(): Promise<void> {
    const { onStart } = this.definition;
    if (onStart !== null) await this.#run(onStart);
  }

  /**
   * Does one task.
   * @param due when its first request was due; undefined in a closed model
   */
  iterate(due: number | undefined): Promise<void> {
    this.#due = due;
    return this.#run(this.#drawTask().run);
  }

  /** Does what comes after the last task, and closes the connection. */
  async leave(): Promise<void> {
    this.#isStopping = true;
    const { onStop } = this.definition;
    if (onStop !== null && !this.#isGone) {
      this.#mayAsk = true;
      await this.#run(onStop);
    }
    this.destroy();
  }

  /** Has it end: no new request, but what it does in the end; a wait ends at once. */
  stop(): void {
    this.#isStopping = true;
    this.#mayAsk = false;
    this.#wake?.();
  }

  /** Gives up what is in flight, counts it as abandoned, and closes the connection. */
  destroy(): void {
    this.#isStopping = true;
    this.#mayAsk = false;
    this.#isGone = true;
    this.#wake?.();
    this.#count();
    for (const exchange of this.#listInFlight()) {
      this.#environment.tally.abandon(exchange.method, exchange.name);
    }
    this.#inFlight = undefined;
    this.#moreInFlight.clear();
    clearTimeout(this.#watch);
    void this.#client?.destroy();
    this.#client = undefined;
  }

  now(): number {
    return this.#environment.scheduler.now();
  }

  /** Part of an exchange's bargain with its user. */
  finish(exchange: Exchange): void {
    // Otherwise it was abandoned.
    if (this.#inFlight === exchange) this.#inFlight = undefined;
    else if (!this.#moreInFlight.delete(exchange)) return;
    if (this.#finished === undefined) this.#finished = exchange;
    else this.#moreFinished.push(exchange);
  }

  async #run(step: (user: VirtualUser) => unknown): Promise<void> {
    try {
      await step(this.#api);
    } catch (error) {
      this.#except(error);
    }
    this.#count();
  }

  #except(error: unknown): void {
    if (!(error instanceof UserStopped)) this.#environment.tally.except(error);
  }

  #request(method: string, path: string, options?: RequestOptions): Promise<Reply> {
    if (!this.#mayAsk) return this.#refuse();
    this.#count();
    this.#sent += 1;
    return new Promise((resolve) => {
      const begun = this.#environment.scheduler.now();
      const due = this.#due;
      if (due !== undefined) {
        this.#due = undefined;
        this.#environment.late(begun - due);
      }
      const timeout = options?.timeoutSeconds ?? this.#environment.timeoutSeconds;
      const deadline = begun + timeout;
      const name = options?.name ?? toName(path);
      const { expect } = options ?? NO_OPTIONS;
      const exchange = new Exchange(this, method, name, begun, due, deadline, expect, resolve);
      if (this.#inFlight === undefined) this.#inFlight = exchange;
      else this.#moreInFlight.add(exchange);
      const json = options?.json;
      const own = json === undefined ? this.#headers : this.#jsonHeaders;
      const body = json === undefined ? (options?.body ?? null) : JSON.stringify(json);
      const headers = options?.headers === undefined ? own : { ...own, ...options.headers };
      this.#client ??= this.#environment.connect(this.#host);
      this.#client.dispatch({ method, path, headers, body }, exchange);
      if (deadline < this.#watchAt) this.#watchUntil(deadline, begun);
    });
  }

  /** The first request after the end ends the task; a script that goes on all the same waits for ever, which harms nobody. */
  #refuse(): Promise<never> {
    if (this.#wasRefused) return new Promise(() => {});
    this.#wasRefused = true;
    return Promise.reject(new UserStopped("The user was stopped"));
  }

  #listInFlight(): Exchange[] {
    return [...(this.#inFlight === undefined ? [] : [this.#inFlight]), ...this.#moreInFlight];
  }

  /** One timer for all requests of a user: it looks when the first could be late, and then when the next could. */
  #watchUntil(deadline: number, now: number): void {
    clearTimeout(this.#watch);
    this.#watchAt = deadline;
    this.#watch = setTimeout(this.#endLate, Math.max(1, Math.ceil((deadline - now) * 1_000)));
  }

  readonly #endLate = (): void => {
    const now = this.now();
    this.#watchAt = Infinity;
    for (const exchange of this.#listInFlight()) {
      if (exchange.deadline > now + TIMER_TOLERANCE) continue;
      // One that still waits for its connection cannot be taken back but with it.
      if (!exchange.giveUp(new RequestTimeout())) {
        const client = this.#client;
        this.#client = undefined;
        void client?.destroy();
      }
    }
    const next = Math.min(...this.#listInFlight().map(({ deadline }) => deadline));
    if (next < Infinity) this.#watchUntil(next, now);
  };

  #count(): void {
    if (this.#finished === undefined) return;
    this.#environment.tally.record(this.#finished);
    this.#finished = undefined;
    for (const exchange of this.#moreFinished.splice(0)) this.#environment.tally.record(exchange);
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
      throw new RangeError(`waitTime gave ${String(seconds)}; seconds are expected`);
    } catch (error) {
      this.#environment.tally.except(error);
      return 0;
    }
  }

  #drawTask(): Task {
    const marks = this.#marks;
    let index = 0;
    if (marks.length > 1) {
      const drawn = this.#random.uniform() * (marks.at(-1) ?? 0);
      while (index < marks.length - 1 && drawn >= (marks[index] ?? 0)) index += 1;
    }
    return this.#tasks[index] ?? NO_TASK;
  }
}

/** A timer that is early by less than that is not. */
const TIMER_TOLERANCE = 0.001;

/** Queries often differ with each request. */
function toName(path: string): string {
  const at = path.indexOf("?");
  return at === -1 ? path : path.slice(0, at);
}
