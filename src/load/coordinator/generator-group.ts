import { toMessage } from "../../kernel/errors.ts";
import type { LogLine } from "../contract/log-line.ts";
import type { GeneratorTask, TargetUsers } from "../generator/generator.ts";
import type { Interval } from "../generator/interval.ts";
import type { ForkedGenerator } from "./forked-generator.ts";

/** A second ends without a generator that does not reply within this time. */
const REPLY_MS = 500;
/** Time to stop beyond the timeout of the plan, before a generator is killed. */
const STOP_MARGIN_MS = 2_000;

export type Log = (level: LogLine["level"], message: string, generator?: number) => void;

/** Prepares all generators for a run, or kills them all. */
export async function prepareGenerators(
  generators: readonly ForkedGenerator[],
  task: Omit<GeneratorTask, "generator" | "generators">,
): Promise<void> {
  try {
    await Promise.all(
      generators.map(({ channel, number }) =>
        channel.call("prepare", { ...task, generator: number, generators: generators.length }),
      ),
    );
  } catch (error) {
    for (const generator of generators) generator.kill();
    await Promise.all(generators.map(({ ended }) => ended));
    throw error;
  }
}

/** The generators of one run. A generator that ends early leaves the others running. */
export class GeneratorGroup {
  readonly #generators: readonly ForkedGenerator[];
  readonly #log: Log;
  /** Numbers of those that have not replied to `collect` yet. */
  readonly #pending = new Set<number>();

  constructor(generators: readonly ForkedGenerator[], log: Log) {
    this.#generators = generators;
    this.#log = log;
  }

  get size(): number {
    return this.#generators.length;
  }

  get hasEnded(): boolean {
    return this.#generators.every(({ hasEnded }) => hasEnded);
  }

  /** Calls back for each generator whose process ends. @param listener receives how it ended */
  onEnded(listener: (number: number, how: string) => void): void {
    for (const { ended, number } of this.#generators) {
      void ended.then((how) => listener(number, how));
    }
  }

  /** Calls all generators. A failure is logged. */
  async callAll(call: (channel: ForkedGenerator["channel"]) => Promise<unknown>): Promise<void> {
    await Promise.all(
      this.#generators.map(async (generator) => {
        try {
          if (!generator.hasEnded) await call(generator.channel);
        } catch (error) {
          this.#logFailure(generator, error);
        }
      }),
    );
  }

  /** Calls the shape of the script in one generator; undefined if no generator is left. @throws what the shape throws */
  async callShape(elapsedSeconds: number): Promise<TargetUsers | null | undefined> {
    const generator = this.#generators.find(({ hasEnded }) => !hasEnded);
    return generator?.channel.call("shape", elapsedSeconds);
  }

  /**
   * Collects the counts of all generators, but waits at most half a second. A late reply counts in a later second.
   *
   * @returns true if all have replied
   */
  async collect(onInterval: (interval: Interval, generator: number) => void): Promise<boolean> {
    const replies = Promise.all(this.#generators.map((one) => this.#collectFrom(one, onInterval)));
    const { promise: isLate, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, REPLY_MS);
    await Promise.race([replies, isLate]);
    clearTimeout(timer);
    return this.#pending.size === 0;
  }

  async #collectFrom(
    generator: ForkedGenerator,
    onInterval: (interval: Interval, generator: number) => void,
  ): Promise<void> {
    const { number, hasEnded } = generator;
    if (hasEnded || this.#pending.has(number)) return;
    this.#pending.add(number);
    try {
      onInterval(await generator.channel.call("collect"), number);
    } catch (error) {
      this.#logFailure(generator, error);
    } finally {
      this.#pending.delete(number);
    }
  }

  /** Stops the users of all generators. Kills a generator that takes too long. @param onKilled receives its number */
  async stop(timeoutSeconds: number, onKilled: (number: number) => void): Promise<void> {
    await Promise.all(
      this.#generators.map(async (generator) => {
        if (generator.hasEnded) return;
        const timer = setTimeout(
          () => {
            onKilled(generator.number);
            generator.kill();
          },
          timeoutSeconds * 1_000 + STOP_MARGIN_MS,
        );
        await generator.channel.call("stop", timeoutSeconds).catch(() => {});
        clearTimeout(timer);
      }),
    );
  }

  /** Ends the processes. */
  async end(): Promise<void> {
    await Promise.all(this.#generators.map((generator) => generator.end()));
  }

  #logFailure({ hasEnded, number }: ForkedGenerator, error: unknown): void {
    if (!hasEnded) this.#log("error", toMessage(error), number);
  }
}
