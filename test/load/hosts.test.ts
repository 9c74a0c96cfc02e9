import type { IncomingHttpHeaders } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startLoadPage, type TestPage } from "../support/load-page.ts";
import { startHttp } from "../support/load.ts";

interface Seen {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** A server that remembers its requests. */
async function startRecorder(): Promise<AsyncDisposable & { url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = await startHttp(({ url = "", headers }, response) => {
    seen.push({ url, headers });
    response.end("{}");
  });
  return Object.assign(server, { seen });
}

const resources = new AsyncDisposableStack();
const SECRETS = { authorization: "Bearer the-key", "x-secret": "yes" };
let own: Awaited<ReturnType<typeof startRecorder>>;
let other: Awaited<ReturnType<typeof startRecorder>>;
let page: TestPage;
beforeAll(async () => {
  own = resources.use(await startRecorder());
  other = resources.use(await startRecorder());
  page = resources.use(
    await startLoadPage({
      host: own.url,
      headers: SECRETS,
      script: `
import { constant, defineUser, task } from "tepal/load";
const tasks = [
  task(1, async ({ get }) => void (await get("/x?y=1"))),
  task(1, async ({ post }) => void (await post("/json", { json: {} }))),
  task(1, async ({ get }) => void (await get("/own", { headers: { "x-own": "1" } }))),
];
export default [
  defineUser({ name: "Plain", waitTime: constant(0.01), tasks }),
  defineUser({ name: "Elsewhere", host: "${other.url}", waitTime: constant(0.01), tasks }),
];`,
    }),
  );
});
afterAll(() => resources.disposeAsync());
beforeEach(() => {
  own.seen.length = 0;
  other.seen.length = 0;
});

const RUN = {
  profile: { kind: "users", users: 2, spawn_rate: 100 },
  run_time_seconds: 1,
  user_classes: ["Plain"],
};

describe("the key and the headers of the command line", () => {
  it("go to the configured host, also with a path prefix", async () => {
    for (const host of [own.url, `${own.url}/prefix/`]) {
      const { notes, total } = await page.run({ ...RUN, host });
      expect(own.seen).toHaveLength(total.requests);
      for (const { headers } of own.seen) expect(headers).toMatchObject(SECRETS);
      expect(notes).not.toContainEqual(expect.stringContaining("key"));
      own.seen.length = 0;
    }
  });

  it.each([
    ["a plan names", async (host: string) => void (await page.run({ ...RUN, host }))],
    [
      "a form names",
      async (host: string) => {
        const form = { user_count: "2", spawn_rate: "100", user_classes: "Plain", host };
        expect((await page.postForm("/swarm", form)).json.success).toBe(true);
        await expect.poll(() => page.loadTest.report().total.requests).toBeGreaterThan(10);
        await page.postForm("/stop");
      },
    ],
    [
      "the script names",
      async () => void (await page.run({ ...RUN, host: own.url, user_classes: ["Elsewhere"] })),
    ],
  ])("do not go to another host that %s", async (_who, run) => {
    await run(other.url);
    expect(other.seen.length).toBeGreaterThan(0);
    for (const { headers } of other.seen) {
      expect(headers).not.toHaveProperty("authorization");
      expect(headers).not.toHaveProperty("x-secret");
    }
    // Requests may have headers of their own.
    expect(other.seen.some(({ headers }) => headers["x-own"] === "1")).toBe(true);
    expect(own.seen).toEqual([]);
    expect(page.loadTest.report().notes).toContainEqual(
      expect.stringMatching(`are for ${own.url} only. Requests to ${other.url} did not get them`),
    );
  });
});

describe("a host with a path prefix", () => {
  it("gets every request below the prefix; endpoints keep their names", async () => {
    const report = await page.run({ ...RUN, host: `${own.url}/team/iris/` });
    expect(report.plan.host).toBe(`${own.url}/team/iris`);
    expect(new Set(own.seen.map(({ url }) => url))).toEqual(
      new Set(["/team/iris/x?y=1", "/team/iris/json", "/team/iris/own"]),
    );
    expect(report.endpoints.map(({ name }) => name).toSorted()).toEqual(["/json", "/own", "/x"]);
  });
});
