/** The program of a generator process. */
import { InputProblems } from "../../kernel/check.ts";
import { object } from "../../kernel/check/containers.ts";
import { nullable, number } from "../../kernel/check/values.ts";
import { systemClock } from "../../kernel/clock.ts";
import { connectToParent } from "../../kernel/child-process.ts";
import { TepalError } from "../../kernel/errors.ts";
import type { LoadTestDefinition } from "../script/define.ts";
import { createGeneratorRun, type GeneratorRun } from "./generator-run.ts";
import type { GeneratorCalls, TargetUsers } from "./generator.ts";
import { describeScript, loadScript } from "../script/load-script.ts";
import { createScheduler } from "./scheduler.ts";
import { warmUp } from "./warm-up.ts";
import { escapeControls } from "../../kernel/printable.ts";

let run: GeneratorRun | undefined;
let definition: LoadTestDefinition | undefined;

function getRun(): GeneratorRun {
  if (run === undefined) throw new TepalError("INTERNAL", "The generator is not prepared.");
  return run;
}

const SHAPE = nullable(
  object({ users: number({ min: 0 }), spawnRate: number({ above: 0 }) }, { ignoreUnknown: true }),
);

/** Checks what the shape of the script returned. @throws TepalError INVALID_OPTION */
function parseShape(given: unknown): TargetUsers | null {
  const problems = new InputProblems();
  const target = problems.read(SHAPE, given ?? null, { at: "" }) ?? null;
  problems.throwIfAny("INVALID_OPTION", "shape");
  return target === null ? null : { ...target, users: Math.round(target.users) };
}

const calls: GeneratorCalls = {
  describe: async (script) => describeScript(script, await loadScript(script)),
  async prepare(task) {
    definition = await loadScript(task.script);
    const scheduler = createScheduler(systemClock);
    await warmUp(task, systemClock, scheduler);
    run = createGeneratorRun(task, definition, systemClock, scheduler);
  },
  begin: async () => getRun().begin(),
  collect: async () => getRun().collect(),
  setUsers: async (target) => getRun().setUsers(target),
  setRamps: async (ramps) => getRun().setRamps(ramps),
  shape: async (elapsedSeconds) => parseShape(definition?.shape?.(elapsedSeconds)),
  stop: (timeoutSeconds) => getRun().stop(timeoutSeconds),
};

connectToParent<object, GeneratorCalls>(calls, () => process.exit());

/** An unhandled rejection in a script must not end all users. */
process.on("unhandledRejection", (error) => {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(escapeControls(`Unhandled rejection: ${message}\n`));
});
