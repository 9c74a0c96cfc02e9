/** What each generator process runs. */
import { systemClock } from "../../kernel/clock.ts";
import { connectToParent } from "../../kernel/child-process.ts";
import { TepalError } from "../../kernel/errors.ts";
import type { LoadTestDefinition } from "../script/define.ts";
import { createRun, type GeneratorRun } from "./create-run.ts";
import type { GeneratorCalls, UsersWanted } from "./generator.ts";
import { describeScript, loadScript } from "../script/load-script.ts";
import { createScheduler } from "./scheduler.ts";
import { warmUp } from "./warm-up.ts";

let run: GeneratorRun | undefined;
let definition: LoadTestDefinition | undefined;

function running(): GeneratorRun {
  if (run === undefined) throw new TepalError("INTERNAL", "This generator was not prepared");
  return run;
}

/** What a script's shape says is the script's, whatever its type. @throws TepalError INVALID_OPTION */
function checkShape(said: UsersWanted | null): UsersWanted | null {
  if (said === null) return null;
  const { users, spawnRate } = said;
  if (users >= 0 && users < Infinity && spawnRate > 0 && spawnRate < Infinity) {
    return { users: Math.round(users), spawnRate };
  }
  const shown = JSON.stringify(said);
  throw new TepalError(
    "INVALID_OPTION",
    `it gave ${shown}; { users, spawnRate } is expected, the latter above 0, or null at the end`,
  );
}

const calls: GeneratorCalls = {
  describe: async (script) => describeScript(script, await loadScript(script)),
  async prepare(task) {
    definition = await loadScript(task.script);
    const scheduler = createScheduler(systemClock);
    await warmUp(task, systemClock, scheduler);
    run = createRun(task, definition, systemClock, scheduler);
  },
  begin: async () => running().begin(),
  collect: async () => running().collect(),
  setUsers: async (wanted) => running().setUsers(wanted),
  setRate: async (rate) => running().setRate(rate),
  shape: async (elapsedSeconds) => checkShape(definition?.shape?.(elapsedSeconds) ?? null),
  stop: (timeoutSeconds) => running().stop(timeoutSeconds),
};

connectToParent<object, GeneratorCalls>(calls, () => process.exit());

/** A promise that a script has left alone must not end the users of all others. */
process.on("unhandledRejection", (error) => {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`Unhandled rejection: ${message}\n`);
});
