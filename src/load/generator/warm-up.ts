import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../kernel/clock.ts";
import { defineLoadTest, defineUser, task } from "../script/define.ts";
import { createGeneratorRun } from "./generator-run.ts";
import type { GeneratorTask } from "./generator.ts";
import type { Scheduler } from "./scheduler.ts";

const SECONDS = 0.4;
const USERS = 64;
const OPEN = {
  ramps: [{ from: 20_000, to: 20_000, seconds: Infinity }],
  poisson: false,
  max_users: USERS,
};

/** Only one kind of request: code optimized for several kinds is 10 % slower for a script with one. */
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
 * Runs a short load of the task's model against a server in this process. Code that has never run is many times slower, and would make the
 * first requests of a run with thousands per second late. The task's host receives no requests.
 */
export async function warmUp(
  { http, open, seed }: GeneratorTask,
  clock: Clock,
  scheduler: Scheduler,
): Promise<void> {
  const server = createServer((request, response) => {
    request.resume();
    response.end("{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const run = createGeneratorRun(
    {
      script: "",
      host: `http://127.0.0.1:${port}`,
      open: open === null ? null : OPEN,
      userClasses: [],
      tags: [],
      excludeTags: [],
      seed,
      http: { ...http, headers: null },
      generator: 0,
      generators: 1,
    },
    SCRIPT,
    clock,
    scheduler,
  );
  run.begin();
  if (open === null) run.setUsers({ users: USERS, spawnRate: 10_000 });
  await sleep(SECONDS * 1_000);
  run.collect();
  await run.stop(1);
  server.close();
  server.closeAllConnections();
}
