import { type Clock, systemClock } from "../../kernel/clock.ts";
import { TepalError } from "../../kernel/errors.ts";
import { createId } from "../../kernel/random.ts";
import type { LogLine } from "../contract/log-line.ts";
import type { RunPlan } from "../contract/plan.ts";
import type { RunReport } from "../contract/report.ts";
import { DEFAULT_PLAN, resolvePlan, resolvePlanChange } from "../contract/resolve-plan.ts";
import type { ScriptDescription } from "../contract/script-description.ts";
import { isForHost, type HostHeaders, type HttpOptions } from "../generator/http-options.ts";
import type { LoadEvent, LoadTest } from "../load.ts";
import { getProfile } from "../profiles/profiles.ts";
import { forkGenerator, type ForkedGenerator } from "./forked-generator.ts";
import { prepareGenerators } from "./generator-group.ts";
import { GeneratorHealth } from "./generator-health.ts";
import { createLoadMetrics } from "./load-metrics.ts";
import { Run } from "./run.ts";
import { Statistics } from "./statistics.ts";

export interface LoadTestOptions {
  /** Path of the script, absolute or relative to the working directory. */
  readonly script: string;
  /**
   * Returns the plan of a start that sets nothing else.
   *
   * @default DEFAULT_PLAN
   * @throws TepalError
   */
  readonly toDefaults?: (script: ScriptDescription) => RunPlan;
  readonly http: HttpOptions;
  /** Returns the headers of a run that starts. @default those of `http` */
  readonly readHeaders?: () => Promise<HostHeaders | null>;
  readonly clock?: Clock;
}

/**
 * Reads a script in a process of its own, and creates a load test that can run it.
 *
 * @throws TepalError INVALID_OPTION with all problems of the script, by file and line
 */
export async function createLoadTest(options: LoadTestOptions): Promise<LoadTest> {
  const { script: path, toDefaults = () => DEFAULT_PLAN, http, clock = systemClock } = options;
  const { readHeaders = async () => http.headers } = options;
  const listeners = new Set<(event: LoadEvent) => void>();
  const metrics = createLoadMetrics();
  let run: Run | undefined;
  let isStarting = false;
  let isClosed = false;

  function emit(event: LoadEvent): void {
    for (const listener of listeners) listener(event);
  }
  function log(level: LogLine["level"], message: string, generator: number | null = null): void {
    emit({ type: "log", line: { time_ms: clock.nowMs(), level, generator, message } });
  }
  function fork(number: number): ForkedGenerator {
    return forkGenerator(number, ({ level, message }) => log(level, message, number));
  }

  const script = await describe(path);
  const defaults = toDefaults(script);
  const emptyReport = createEmptyReport(defaults);

  async function describe(file: string): Promise<ScriptDescription> {
    const generator = fork(0);
    try {
      return await generator.channel.call("describe", file);
    } finally {
      generator.kill();
      await generator.ended;
    }
  }

  async function prepare(plan: RunPlan): Promise<readonly ForkedGenerator[]> {
    const headers = await readHeaders();
    const generators = Array.from({ length: plan.workers }, (_, number) => fork(number));
    const load = getProfile(plan.profile).toLoad(plan.profile);
    await prepareGenerators(generators, {
      script: path,
      host: plan.host,
      open: load.type === "arrivals" ? load : null,
      userClasses: plan.user_classes,
      tags: plan.tags,
      excludeTags: plan.exclude_tags,
      seed: plan.seed,
      http: { ...http, headers },
    });
    return generators;
  }

  async function start(given: RunPlan): Promise<void> {
    if (isStarting || (run !== undefined && !run.isOver)) {
      throw new TepalError("CONFLICT", "Another run is in progress. Stop it first.");
    }
    const plan = resolvePlan(given, DEFAULT_PLAN, script);
    isStarting = true;
    try {
      const generators = await prepare(plan);
      if (isClosed) {
        for (const generator of generators) generator.kill();
        throw new TepalError("CANCELLED", "The load test was closed.");
      }
      run = new Run({
        id: toRunId(clock.nowMs()),
        plan,
        classes: script.user_classes.map(({ name }) => name),
        notes: describeKeptHeaders(http.headers, plan, script),
        generators,
        clock,
        onSecond: () => emit({ type: "second" }),
        onEnded: (final) => emit({ type: "ended", report: final }),
        onInterval: (interval) => metrics.add(interval),
        log,
      });
      await run.begin();
    } finally {
      isStarting = false;
    }
    emit({ type: "second" });
  }

  function report(): RunReport {
    return run?.report() ?? emptyReport;
  }

  return {
    script,
    defaults,
    report,
    start,
    async edit(change) {
      if (run === undefined || run.isOver)
        throw new TepalError("CONFLICT", "No run is in progress.");
      await run.edit(resolvePlanChange(change, run.report().plan.profile));
    },
    stop: async () => (run === undefined ? emptyReport : run.stop()),
    reset: () => run?.reset(),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    renderMetrics: () => metrics.render(report()),
    async close() {
      isClosed = true;
      await run?.stop();
    },
  };
}

/** Notes which servers do not get the headers of the command line. */
function describeKeptHeaders(
  headers: HostHeaders | null,
  plan: RunPlan,
  { user_classes: classes }: ScriptDescription,
): readonly string[] {
  if (headers === null) return [];
  const selected = classes.filter(
    ({ name }) => plan.user_classes.length === 0 || plan.user_classes.includes(name),
  );
  const hosts = new Set(selected.map(({ host }) => host ?? plan.host));
  const others = [...hosts].filter((host) => !isForHost(headers, host));
  if (others.length === 0) return [];
  return [
    `The key and the headers of the command line are for ${new URL(headers.host).origin} only. Requests to ${others.join(", ")} did not get them.`,
  ];
}

function toRunId(nowMs: number): string {
  const time = new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  return `${time}-${createId().slice(0, 4)}`;
}

/** Creates the report before the first run. */
function createEmptyReport(plan: RunPlan): RunReport {
  const statistics = new Statistics(getProfile(plan.profile).model === "open");
  return {
    id: "",
    state: "ready",
    started_at_ms: null,
    ended_at_ms: null,
    elapsed_seconds: 0,
    plan,
    users: 0,
    users_by_class: {},
    stage: "",
    endpoints: [],
    total: statistics.toTotal(0),
    current: statistics.toCurrent(),
    failures: [],
    exceptions: [],
    series: [],
    marks: [],
    thresholds: [],
    generator: new GeneratorHealth().report(plan.workers, null),
    recovery: null,
    notes: [],
    verdict: null,
  };
}
