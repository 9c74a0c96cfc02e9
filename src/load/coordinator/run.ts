import type { Clock } from "../../kernel/clock.ts";
import { toMessage } from "../../kernel/errors.ts";
import type { UsersWanted } from "../generator/generator.ts";
import { Histogram } from "../generator/histogram.ts";
import type { Interval } from "../generator/interval.ts";
import type { LogLine } from "../load.ts";
import type { PlanChange, RunPlan } from "../contract/plan.ts";
import type {
  Mark,
  Recovery,
  RunReport,
  RunState,
  SeriesPoint,
  Verdict,
} from "../contract/report.ts";
import { measureRecovery } from "../profiles/recovery.ts";
import { toStages } from "../profiles/profiles.ts";
import { findStage } from "../profiles/stage.ts";
import { judgeThreshold, parseThreshold } from "../contract/threshold.ts";
import { describeProfile } from "./describe-profile.ts";
import type { ForkedGenerator } from "./forked-generator.ts";
import { GeneratorHealth } from "./generator-health.ts";
import { judge } from "./verdict.ts";
import { Statistics } from "./statistics.ts";

export interface RunOptions {
  readonly id: string;
  readonly plan: RunPlan;
  /** Names of the script's classes, in its order. */
  readonly classes: readonly string[];
  readonly generators: readonly ForkedGenerator[];
  readonly clock: Clock;
  onSecond(): void;
  onEnded(report: RunReport): void;
  /** What was counted, for metrics that no reset touches. */
  onInterval(interval: Interval): void;
  log(level: LogLine["level"], message: string, generator?: number): void;
}

/** How long a generator may take to answer before a second ends without it. */
const ANSWER_MS = 500;
/** How long it may take beyond the plan's time to stop. */
const STOP_MARGIN_MS = 2_000;

const SHORT_SECONDS = 0.2;

const CLOSED_NOTE =
  "Closed model: users wait for their replies and send nothing while the server stalls, so percentiles leave out what others would have waited (coordinated omission). An open model (--rate) measures that.";

/** One run: asks the generators each second, adds up, judges. */
export class Run {
  readonly #options: RunOptions;
  readonly #isOpen: boolean;
  readonly #begun: number;
  readonly #startedMs: number;
  readonly #series: SeriesPoint[] = [];
  readonly #marks: Mark[] = [];
  readonly #notes: string[] = [];
  readonly #health = new GeneratorHealth();
  readonly #waiting = new Set<number>();
  readonly #baseline = new Histogram();
  #plan: RunPlan;
  #statistics: Statistics;
  #countedFrom: number;
  #state: RunState = "spawning";
  #stage = "";
  #wanted: UsersWanted | null = null;
  #endedMs: number | null = null;
  #lastSecond = 0;
  #broken: string | null = null;
  #overloadEnd: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #endTimer: NodeJS.Timeout | undefined;
  #stopping: Promise<RunReport> | undefined;
  #ticking: Promise<void> | undefined;
  #isLastSecond = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#isOpen = "max_users" in options.plan.profile;
    this.#plan = options.plan;
    this.#statistics = new Statistics(this.#isOpen);
    this.#begun = options.clock.monotonicSeconds();
    this.#countedFrom = this.#begun;
    this.#startedMs = options.clock.nowMs();
    if (!this.#isOpen) this.#notes.push(CLOSED_NOTE);
  }

  get isOver(): boolean {
    return this.#endedMs !== null;
  }

  /** Lets the users begin. */
  async begin(): Promise<void> {
    const { generators, plan } = this.#options;
    this.#mark("start", describeProfile(plan));
    for (const generator of generators) {
      void generator.ended.then((how) => this.#onGeneratorEnded(generator, how));
    }
    await this.#toAll((generator) => generator.channel.call("begin"));
    const { profile } = plan;
    if (profile.kind === "users") {
      this.#wanted = { users: profile.users, spawnRate: profile.spawn_rate };
    } else {
      await this.#followShape();
    }
    if (plan.run_time_seconds !== null) {
      const left = plan.run_time_seconds - this.#now();
      this.#endTimer = setTimeout(() => void this.stop(), Math.max(0, left * 1_000));
    }
    this.#schedule();
  }

  async edit(change: PlanChange): Promise<void> {
    const { profile } = this.#plan;
    if (profile.kind === "users") {
      const users = change.users ?? profile.users;
      const spawnRate = change.spawn_rate ?? profile.spawn_rate;
      this.#plan = { ...this.#plan, profile: { ...profile, users, spawn_rate: spawnRate } };
      this.#mark("edit", describeProfile(this.#plan));
      await this.#setUsers({ users, spawnRate });
    } else if ("max_users" in profile && change.rate !== undefined) {
      const { rate } = change;
      const { poisson, max_users } = profile;
      this.#plan = { ...this.#plan, profile: { kind: "constant_rate", rate, poisson, max_users } };
      this.#mark("edit", describeProfile(this.#plan));
      await this.#toAll((generator) => generator.channel.call("setRate", rate));
    }
    this.#options.onSecond();
  }

  reset(): void {
    this.#statistics = new Statistics(this.#isOpen);
    this.#countedFrom = this.#options.clock.monotonicSeconds();
    this.#health.reset();
    this.#mark("reset", "Statistics were reset");
    this.#options.onSecond();
  }

  stop(): Promise<RunReport> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<RunReport> {
    clearTimeout(this.#endTimer);
    this.#state = "stopping";
    this.#mark("stop", "Stopped");
    this.#options.onSecond();
    const { generators } = this.#options;
    const timeout = this.#plan.stop_timeout_seconds;
    await Promise.all(
      generators.map(async (generator) => {
        if (generator.hasEnded) return;
        const timer = setTimeout(
          () => {
            this.#break(
              `Generator ${generator.number} did not stop and was killed; what it had counted since its last second is lost.`,
            );
            generator.kill();
          },
          timeout * 1_000 + STOP_MARGIN_MS,
        );
        await generator.channel.call("stop", timeout).catch(() => {});
        clearTimeout(timer);
      }),
    );
    this.#isLastSecond = true;
    clearTimeout(this.#timer);
    await this.#ticking;
    await this.#tick();
    this.#state = "stopped";
    await Promise.all(generators.map((generator) => generator.end()));
    this.#endedMs = this.#options.clock.nowMs();
    const report = this.report();
    this.#options.onEnded(report);
    return report;
  }

  report(): RunReport {
    const { id, classes, generators } = this.#options;
    const now = this.isOver ? this.#lastSecond : this.#now();
    const counted = now - (this.#countedFrom - this.#begun);
    const part = {
      total: this.#statistics.toTotal(counted),
      exceptions: this.#statistics.exceptions,
      thresholds: this.#judgeThresholds(counted),
    };
    const generator = this.#health.report(generators.length, this.#series, this.#broken);
    const isFailureLimited = this.#plan.thresholds.some(
      (expression) => parseThreshold(expression).measure.kind === "failures",
    );
    const verdict: Verdict | null = this.isOver ? judge(part, generator, isFailureLimited) : null;
    return {
      id,
      state: this.#state,
      started_at_ms: this.#startedMs,
      ended_at_ms: this.#endedMs,
      elapsed_seconds: now,
      plan: this.#plan,
      users: this.#health.users,
      users_by_class: this.#health.countUsers(classes),
      stage: this.#stage,
      endpoints: this.#statistics.toEndpoints(counted),
      failures: this.#statistics.failures,
      series: this.#series.slice(),
      marks: this.#marks.slice(),
      generator,
      recovery: this.#toRecovery(),
      notes: this.#notes.slice(),
      verdict,
      ...part,
    };
  }

  #now(): number {
    return this.#options.clock.monotonicSeconds() - this.#begun;
  }

  #mark(kind: Mark["kind"], text: string): void {
    this.#marks.push({ elapsed_seconds: this.#now(), kind, text });
  }

  /** At whole seconds of the run, however long the last one took. */
  #schedule(): void {
    const now = this.#now();
    const next = Math.floor(now + 0.05) + 1;
    const tick = async (): Promise<void> => {
      await this.#tick();
      if (!this.#isLastSecond) this.#schedule();
    };
    this.#timer = setTimeout(() => (this.#ticking = tick()), (next - now) * 1_000);
  }

  async #tick(): Promise<void> {
    const { generators } = this.#options;
    const answers = Promise.all(generators.map((generator) => this.#collect(generator)));
    const { promise: isLate, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ANSWER_MS);
    await Promise.race([answers, isLate]);
    clearTimeout(timer);
    if (this.#waiting.size > 0) this.#health.addSilent();
    this.#endSecond();
    if (this.#state === "spawning" || this.#state === "running") {
      await this.#followShape();
      if (this.#options.generators.every(({ hasEnded }) => hasEnded)) void this.stop();
    }
    this.#options.onSecond();
  }

  /** Adds what a generator has counted, when it answers. */
  async #collect(generator: ForkedGenerator): Promise<void> {
    if (generator.hasEnded || this.#waiting.has(generator.number)) return;
    this.#waiting.add(generator.number);
    try {
      const interval = await generator.channel.call("collect");
      this.#statistics.add(interval, generator.number);
      if (this.#stage === "baseline") {
        for (const { serviceTime } of interval.endpoints) this.#baseline.add(serviceTime);
      }
      this.#health.add(interval, generator.number);
      this.#options.onInterval(interval);
    } catch (error) {
      if (!generator.hasEnded) this.#options.log("error", toMessage(error), generator.number);
    } finally {
      this.#waiting.delete(generator.number);
    }
  }

  #endSecond(): void {
    const now = this.#now();
    const seconds = now - this.#lastSecond;
    this.#lastSecond = now;
    const second = this.#statistics.endSecond(seconds);
    const ms = (share: number): number | null =>
      second.time.count === 0 ? null : second.time.quantile(share) * 1_000;
    const { users } = this.#health;
    // What is left after the last whole second is too short to tell a rate, unless something was counted in it.
    const isShort = seconds < SHORT_SECONDS;
    if (isShort && second.requests === 0) return;
    const health = this.#health.endSecond();
    this.#series.push({
      elapsed_seconds: now,
      users,
      requests_per_second: second.requests / seconds,
      failures_per_second: second.failures / seconds,
      p50_ms: ms(0.5),
      p95_ms: ms(0.95),
      p99_ms: ms(0.99),
      ...health,
      utilisation: isShort ? 0 : health.utilisation,
    });
    if (this.#state === "spawning" || this.#state === "running") {
      this.#state = this.#wanted === null || users >= this.#wanted.users ? "running" : "spawning";
    }
  }

  async #followShape(): Promise<void> {
    const { profile } = this.#plan;
    if (profile.kind === "custom") return this.#followScript();
    const stages = toStages(profile);
    if (stages.length === 0) return;
    const now = this.#now();
    const stage = findStage(stages, now);
    if (stage === null) {
      void this.stop();
    } else if (stage.name !== this.#stage) {
      if (this.#stage === "overload") this.#overloadEnd = now;
      this.#stage = stage.name;
      this.#mark("stage", `${stage.name}: ${stage.users} users`);
      await this.#setUsers(stage);
    }
  }

  /** The script's own shape is a script's function: the first generator that is there asks it. */
  async #followScript(): Promise<void> {
    const generator = this.#options.generators.find(({ hasEnded }) => !hasEnded);
    if (generator === undefined) return;
    let wanted: UsersWanted | null;
    try {
      wanted = await generator.channel.call("shape", this.#now());
    } catch (error) {
      this.#break(`The script's shape failed: ${toMessage(error)}`);
      void this.stop();
      return;
    }
    if (wanted === null) {
      void this.stop();
    } else if (
      wanted.users !== this.#wanted?.users ||
      wanted.spawnRate !== this.#wanted.spawnRate
    ) {
      this.#mark("stage", `${wanted.users} users`);
      await this.#setUsers(wanted);
    }
  }

  async #setUsers(wanted: UsersWanted): Promise<void> {
    this.#wanted = { users: wanted.users, spawnRate: wanted.spawnRate };
    this.#state = "spawning";
    await this.#toAll((generator) => generator.channel.call("setUsers", wanted));
  }

  async #toAll(act: (generator: ForkedGenerator) => Promise<unknown>): Promise<void> {
    await Promise.all(
      this.#options.generators.map(async (generator) => {
        try {
          if (!generator.hasEnded) await act(generator);
        } catch (error) {
          if (!generator.hasEnded) this.#options.log("error", toMessage(error), generator.number);
        }
      }),
    );
  }

  #onGeneratorEnded({ number }: ForkedGenerator, how: string): void {
    if (this.#state === "stopped") return;
    this.#health.forget(number);
    this.#break(
      `Generator ${number} ended ${how}: its users are gone, and what it had counted since its last second is lost.`,
    );
  }

  /** Something has made the run's figures incomplete. */
  #break(reason: string): void {
    this.#options.log("error", reason);
    this.#broken ??= reason;
  }

  #judgeThresholds(seconds: number): RunReport["thresholds"] {
    return this.#plan.thresholds.map((expression) => {
      const threshold = parseThreshold(expression);
      const { endpoint } = threshold;
      const sums = endpoint === null ? this.#statistics.total : this.#statistics.find(endpoint);
      if (sums === undefined) return judgeThreshold(threshold, undefined);
      const { requests, failures, time } = sums;
      const requestsPerSecond = seconds > 0 ? requests / seconds : 0;
      return judgeThreshold(threshold, { requests, failures, requestsPerSecond, time });
    });
  }

  #toRecovery(): Recovery | null {
    if (this.#overloadEnd === null || this.#plan.profile.kind !== "recovery") return null;
    const baseline = this.#baseline.quantile(0.95) * 1_000;
    return {
      baseline_p95_ms: baseline,
      seconds: measureRecovery(baseline, this.#overloadEnd, this.#series),
    };
  }
}
