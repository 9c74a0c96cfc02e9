import type { Clock } from "../../kernel/clock.ts";
import type { PlanChange, RunPlan } from "../contract/plan.ts";
import type { Mark, RunReport, RunState, SeriesPoint } from "../contract/report.ts";
import { changeProfile } from "../contract/resolve-plan.ts";
import type { TargetUsers } from "../generator/generator.ts";
import type { Interval } from "../generator/interval.ts";
import { getProfile } from "../profiles/profiles.ts";
import { describeProfile } from "../reports/describe-profile.ts";
import type { ForkedGenerator } from "./forked-generator.ts";
import { GeneratorGroup, type Log } from "./generator-group.ts";
import { GeneratorHealth } from "./generator-health.ts";
import { createSchedule, type LoadSchedule } from "./load-schedule.ts";
import { RecoveryMeter } from "./recovery-meter.ts";
import { SecondTicker } from "./second-ticker.ts";
import { Statistics, toMs } from "./statistics.ts";
import { decideVerdict, evaluateThresholds, limitsFailures } from "./verdict.ts";

export interface RunOptions {
  readonly id: string;
  readonly plan: RunPlan;
  /** Names of the classes of the script, in its order. */
  readonly classes: readonly string[];
  /** Notes for the report, beside those of its model. */
  readonly notes: readonly string[];
  readonly generators: readonly ForkedGenerator[];
  readonly clock: Clock;
  onSecond(): void;
  onEnded(report: RunReport): void;
  /** Receives all counts, for metrics that a reset does not change. */
  onInterval(interval: Interval): void;
  readonly log: Log;
}

/** A last part of a second that is shorter gives no meaningful rate. */
const SHORT_SECONDS = 0.2;

const CLOSED_NOTE =
  "Closed model: users wait for their replies and send nothing while the server stalls, so percentiles leave out the wait of other clients (coordinated omission). An open model measures it.";

/** One run: collects the counts of the generators every second, follows the load schedule, and makes the report. */
export class Run {
  readonly #options: RunOptions;
  readonly #generators: GeneratorGroup;
  readonly #isOpen: boolean;
  readonly #begun: number;
  readonly #startedMs: number;
  readonly #ticker: SecondTicker;
  readonly #series: SeriesPoint[] = [];
  readonly #marks: Mark[] = [];
  readonly #notes: readonly string[];
  readonly #health = new GeneratorHealth();
  readonly #recovery: RecoveryMeter | null;
  #plan: RunPlan;
  #schedule: LoadSchedule;
  #statistics: Statistics;
  #countedFrom: number;
  #state: RunState = "spawning";
  #stage = "";
  #target: TargetUsers | null = null;
  #endedMs: number | null = null;
  #lastSecond = 0;
  /** Why the results are incomplete, or null. */
  #broken: string | null = null;
  #endTimer: NodeJS.Timeout | undefined;
  #stopping: Promise<RunReport> | undefined;
  /** All counts are collected, so the generators may end. */
  #isCounted = false;

  constructor(options: RunOptions) {
    const { plan, generators, clock, log } = options;
    const { model, recovery } = getProfile(plan.profile);
    this.#options = options;
    this.#plan = plan;
    this.#isOpen = model === "open";
    this.#notes = [...options.notes, ...(this.#isOpen ? [] : [CLOSED_NOTE])];
    this.#recovery = recovery === null ? null : new RecoveryMeter(recovery);
    this.#generators = new GeneratorGroup(generators, log);
    this.#schedule = this.#createSchedule();
    this.#statistics = new Statistics(this.#isOpen);
    this.#begun = clock.monotonicSeconds();
    this.#countedFrom = this.#begun;
    this.#startedMs = clock.nowMs();
    this.#ticker = new SecondTicker(
      () => this.#now(),
      () => this.#tick(),
    );
  }

  get isOver(): boolean {
    return this.#endedMs !== null;
  }

  /** Starts the load. */
  async begin(): Promise<void> {
    const { profile, run_time_seconds: runTime } = this.#plan;
    this.#mark("start", describeProfile(profile));
    this.#generators.onEnded((number, how) => this.#onGeneratorEnded(number, how));
    await this.#generators.callAll((channel) => channel.call("begin"));
    await this.#followSchedule();
    if (runTime !== null) {
      const left = runTime - this.#now();
      this.#endTimer = setTimeout(() => void this.stop(), Math.max(0, left * 1_000));
    }
    this.#ticker.start();
  }

  /** @param change checked against the present profile */
  async edit(change: PlanChange): Promise<void> {
    const profile = changeProfile(this.#plan.profile, change);
    this.#plan = { ...this.#plan, profile };
    this.#mark("edit", describeProfile(profile));
    const load = getProfile(profile).toLoad(profile);
    if (load.type === "arrivals") {
      await this.#generators.callAll((channel) => channel.call("setRamps", load.ramps));
    } else {
      this.#schedule = this.#createSchedule();
      await this.#followSchedule();
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
    await this.#generators.stop(this.#plan.stop_timeout_seconds, (number) =>
      this.#break(
        `Generator ${number} did not stop and was killed; its counts since its last second are lost.`,
      ),
    );
    await this.#ticker.stop();
    await this.#tick();
    this.#isCounted = true;
    await this.#generators.end();
    this.#state = "stopped";
    this.#endedMs = this.#options.clock.nowMs();
    const report = this.report();
    this.#options.onEnded(report);
    return report;
  }

  report(): RunReport {
    const { id, classes } = this.#options;
    const { thresholds } = this.#plan;
    const now = this.isOver ? this.#lastSecond : this.#now();
    const counted = now - (this.#countedFrom - this.#begun);
    const results = {
      total: this.#statistics.toTotal(counted),
      exceptions: this.#statistics.exceptions,
      thresholds: evaluateThresholds(thresholds, this.#statistics, counted),
    };
    const generator = this.#health.report(this.#generators.size, this.#broken);
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
      current: this.#statistics.toCurrent(),
      failures: this.#statistics.failures,
      series: this.#series.slice(),
      marks: this.#marks.slice(),
      generator,
      recovery: this.#recovery?.report(this.#series) ?? null,
      notes: this.#notes,
      verdict: this.isOver ? decideVerdict(results, generator, limitsFailures(thresholds)) : null,
      ...results,
    };
  }

  #now(): number {
    return this.#options.clock.monotonicSeconds() - this.#begun;
  }

  #mark(kind: Mark["kind"], text: string): void {
    this.#marks.push({ elapsed_seconds: this.#now(), kind, text });
  }

  async #tick(): Promise<void> {
    const hasAll = await this.#generators.collect((interval, number) => {
      this.#statistics.add(interval, number);
      this.#recovery?.add(interval);
      this.#health.add(interval, number);
      this.#options.onInterval(interval);
    });
    if (!hasAll) this.#health.addUnresponsive();
    this.#endSecond();
    if (this.#isUnderLoad()) {
      await this.#followSchedule();
      if (this.#generators.hasEnded) void this.stop();
    }
    this.#options.onSecond();
  }

  #isUnderLoad(): boolean {
    return this.#state === "spawning" || this.#state === "running";
  }

  #endSecond(): void {
    const now = this.#now();
    const seconds = now - this.#lastSecond;
    this.#lastSecond = now;
    const second = this.#statistics.endSecond(seconds);
    const { users } = this.#health;
    const isShort = seconds < SHORT_SECONDS;
    if (isShort && second.requests === 0) return;
    this.#series.push({
      elapsed_seconds: now,
      users,
      requests_per_second: second.requests / seconds,
      failures_per_second: second.failures / seconds,
      p50_ms: toMs(second.time, 0.5),
      p95_ms: toMs(second.time, 0.95),
      p99_ms: toMs(second.time, 0.99),
      ...this.#health.endSecond(now, isShort),
      total: this.#statistics.toSecondTotals(),
    });
    if (this.#isUnderLoad()) {
      this.#state = this.#target === null || users >= this.#target.users ? "running" : "spawning";
    }
  }

  #createSchedule(): LoadSchedule {
    const { profile } = this.#plan;
    return createSchedule(getProfile(profile).toLoad(profile), (elapsedSeconds) =>
      this.#generators.callShape(elapsedSeconds),
    );
  }

  async #followSchedule(): Promise<void> {
    const now = this.#now();
    const step = await this.#schedule.next(now);
    if (step.type === "end") {
      if (step.problem !== null) this.#break(step.problem);
      void this.stop();
    } else if (step.type === "users") {
      const { target, stage, mark } = step;
      this.#recovery?.enterStage(stage, now);
      this.#stage = stage;
      this.#target = target;
      this.#state = "spawning";
      if (mark !== null) this.#mark("stage", mark);
      await this.#generators.callAll((channel) => channel.call("setUsers", target));
    }
  }

  #onGeneratorEnded(number: number, how: string): void {
    if (this.#isCounted) return;
    this.#health.forget(number);
    this.#break(
      `Generator ${number} ended ${how}: its users are gone, and its counts since its last second are lost.`,
    );
  }

  /** Notes why the results are incomplete. */
  #break(reason: string): void {
    this.#options.log("error", reason);
    this.#broken ??= reason;
  }
}
