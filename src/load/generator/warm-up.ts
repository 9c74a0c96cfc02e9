import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../kernel/clock.ts";
import { defineLoadTest, defineUser, task } from "../script/define.ts";
import { createRun } from "./create-run.ts";
import type { GeneratorTask } from "./generator.ts";
import type { Scheduler } from "./scheduler.ts";

const SECONDS = 0.4;
const USERS = 64;
const OPEN = { kind: "constant_rate", rate: 20_000, poisson: false, max_users: USERS } as const;
const CLOSED = { kind: "users", users: USERS, spawn_rate: 10_000 } as const;

/** One kind of request only: code that has seen several is slower, by a tenth, for a script that has one. */
const SCRIPT = defineLoadTest({
  users: [
    defineUser({
      tasks: [
        task(1, async ({ get }) => {
          await get("/");
        }),
      ],
    }),
  ],
});

/**
 * Runs a load of a task's kind for a moment, against a server in this process. Code that has never run is many times slower, and the
 * first requests of a run at thousands a second would be late for it. The task's host sees nothing of it.
 */
export async function warmUp(
  { http, profile, seed }: GeneratorTask,
  clock: Clock,
  scheduler: Scheduler,
): Promise<void> {
  const server = createServer((request, response) => {
    request.resume();
    response.end("{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const run = createRun(
    {
      script: "",
      host: `http://127.0.0.1:${port}`,
      profile: "max_users" in profile ? OPEN : CLOSED,
      userClasses: [],
      tags: [],
      excludeTags: [],
      seed,
      http: { ...http, headers: {} },
      generator: 0,
      generators: 1,
    },
    SCRIPT,
    clock,
    scheduler,
  );
  run.begin();
  await sleep(SECONDS * 1_000);
  run.collect();
  await run.stop(1);
  server.close();
  server.closeAllConnections();
}
