import { describe, expect, it } from "vitest";
import { createLoadTest } from "../../src/load/coordinator/create-load-test.ts";
import { DEFAULT_HTTP_OPTIONS } from "../../src/load/generator/http-options.ts";
import { TepalError } from "../../src/kernel/errors.ts";
import { createFolder } from "../support/folders.ts";
import { findEndpoint, startHttp, startLoad, writeScript } from "../support/load.ts";

/** The problems of a script, their places from its folder on. */
async function findMistakes(text: string, name = "script.ts"): Promise<string[]> {
  await using folder = await createFolder();
  const script = await writeScript(folder.path, text, name);
  try {
    const options = { script, generators: 1, http: DEFAULT_HTTP_OPTIONS };
    await (await createLoadTest(options)).close();
    return [];
  } catch (error) {
    if (!(error instanceof TepalError)) throw error;
    expect(error.code).toBe("INVALID_OPTION");
    return error.problems.map(
      ({ at, message }) => `${at.replace(`${folder.path}/`, "")} ${message}`,
    );
  }
}

describe("a mistake in a script", () => {
  it("is told with file and line, all of them together", async () => {
    const mistakes = await findMistakes(`
import { between, constant, defineLoadTest, defineUser, task } from "tepal/load";
const one = defineUser({
  weight: -1,
  host: "somewhere",
  wait: constant(1),
  tasks: [
    task(-3, () => {}),
    task(1, "nothing"),
  ],
});
const two = defineUser({ name: "two", tasks: [], waitTime: between(3, 1) });
const three = defineUser({ name: "two", waitTime: 5 });
export default defineLoadTest({ users: [one, two, three], thresholds: ["p95<3"], shapes: 1 });
`);
    expect(mistakes).toEqual([
      expect.stringMatching(
        /^script\.ts:14 defineLoadTest: has the unknown option "shapes"; it knows/,
      ),
      expect.stringMatching(
        /^script\.ts:14 defineLoadTest: thresholds is \["p95<3"\]; The threshold/,
      ),
      'script.ts:14 defineLoadTest: two classes of users have the name "two"',
      expect.stringMatching(
        /^script\.ts:3 defineUser: has the unknown option "wait"; it knows name,/,
      ),
      "script.ts:3 defineUser: weight is -1; a number is expected, not negative",
      expect.stringMatching(/^script\.ts:3 defineUser: host is "somewhere"; an address/),
      "script.ts:8 task: its weight is -3; a number is expected, not negative",
      'script.ts:9 task: its second argument is "nothing"; a function is expected',
      "script.ts:12 defineUser: tasks is []; at least one task is expected",
      expect.stringMatching(/^script\.ts:12 between\(3, 1\): seconds are expected/),
      "script.ts:13 defineUser: needs tasks",
      "script.ts:13 defineUser: waitTime is 5; a function is expected",
    ]);
  });

  const cases = {
    "a throw at import": ["\nconst a = 1;\nthrow new Error('not today');", "script.ts:3 not today"],
    "a throw in what it calls": [
      "\nfunction f() {\n  null.x;\n}\nf();",
      expect.stringMatching(/^script\.ts:3 TypeError: Cannot read properties of null/),
    ],
    "a syntax error": [
      "export default {\n  a: (\n};",
      expect.stringMatching(/^script\.ts:3 SyntaxError: Expression expected/),
    ],
    "something that JavaScript has not": [
      "\nenum A { b }\nexport default 1;",
      expect.stringMatching(/^script\.ts:2 SyntaxError: TypeScript enum/),
    ],
    "a word that is not there": [
      'import { defineUsers } from "tepal/load";',
      expect.stringMatching(/^script\.ts:1 SyntaxError: .*defineUsers/),
    ],
    "a module that is not there": [
      'import a from "./nowhere.ts";',
      expect.stringMatching(/^script\.ts Cannot find module .*nowhere\.ts/),
    ],
    "no default export": [
      "export const a = 1;",
      expect.stringMatching(/^script\.ts exports nothing/),
    ],
    "another default export": [
      "export default 5;",
      expect.stringMatching(/^script\.ts its default/),
    ],
    "an empty list": ["export default [];", expect.stringMatching(/^script\.ts its default/)],
  } as const;
  for (const [what, [text, mistake]] of Object.entries(cases)) {
    it.concurrent(`is told with file and line: ${what}`, async () => {
      expect(await findMistakes(text)).toEqual([mistake]);
    });
  }

  it("is told with its line in JavaScript too", async () => {
    expect(await findMistakes("export default {\n  a: (\n};", "script.mjs")).toEqual([
      expect.stringMatching(/^script\.mjs:3 SyntaxError: Unexpected token/),
    ]);
  });

  it("is told of a script that is not there", async () => {
    const options = { script: "/nowhere/x.ts", generators: 1, http: DEFAULT_HTTP_OPTIONS };
    await expect(createLoadTest(options)).rejects.toThrow("/nowhere/x.ts: is not there");
  });
});

describe("a script", () => {
  it("finds its words wherever it is, below node_modules too, and may import others", async () => {
    await using folder = await createFolder();
    await writeScript(
      folder.path,
      'export const weight: number = 2;\nexport { helper } from "somebody";',
      "node_modules/scripts/weight.ts",
    );
    await writeScript(folder.path, "export const helper = 1;", "node_modules/somebody/index.js");
    await writeScript(folder.path, '{"type":"module"}', "node_modules/somebody/package.json");
    const script = await writeScript(
      folder.path,
      `import { defineUser, task } from "tepal/load";
import { helper, weight } from "./weight.ts";
export default [
  defineUser({ weight, tasks: [task(helper, function look() {}, { tags: ["a"] })] }),
  defineUser({ host: "http://127.0.0.1:1", tasks: [task(1, () => {}, { name: "other" })] }),
];`,
      "node_modules/scripts/script.ts",
    );
    const options = { script, generators: 1, http: DEFAULT_HTTP_OPTIONS };
    const loadTest = await createLoadTest(options);
    expect(loadTest.script).toEqual({
      path: script,
      user_classes: [
        { name: "User", weight: 2, host: null, tasks: [{ name: "look", weight: 1, tags: ["a"] }] },
        {
          name: "User 2",
          weight: 1,
          host: "http://127.0.0.1:1",
          tasks: [{ name: "other", weight: 1, tags: [] }],
        },
      ],
      has_shape: false,
      thresholds: [],
    });
    await loadTest.close();
  });

  it("that throws goes on, and what it threw is told with its traceback; what it prints is in the log", async () => {
    await using load = await startLoad(`
import { constant, defineUser, task } from "tepal/load";
export default defineUser({
  waitTime: constant(0.01),
  onStart: () => console.log("hello"),
  tasks: [task(1, function fail() { throw new RangeError("oh no"); })],
  onStop: () => console.error("bye"),
});`);
    const report = await load.run({
      run_time_seconds: 1,
      profile: { kind: "users", users: 2, spawn_rate: 10 },
    });
    expect(report.exceptions).toEqual([
      {
        message: "RangeError: oh no",
        traceback: expect.stringMatching(/at .*fail .*script\.ts:6/),
        count: expect.any(Number),
        generators: ["generator 0"],
      },
    ]);
    expect(report.exceptions[0]?.count).toBeGreaterThan(5);
    expect(report.verdict).toEqual({ outcome: "failed_requests", exit_code: 1 });
    expect(load.logs.toSorted()).toEqual(["bye", "bye", "hello", "hello"]);
  });

  it("chooses tasks by their weights, the same for the same seed, and other tasks with tags", async () => {
    await using server = await startHttp((_request, response) => response.end());
    await using load = await startLoad(`
import { constant, defineUser, task } from "tepal/load";
export default defineUser({
  waitTime: constant(0.002),
  tasks: ["often", "seldom", "never"].map((name, i) =>
    task([3, 1, 0][i], async ({ get, random }) => { await get("/" + random.below(3), { name }); }, { tags: [name] })),
});`);
    const plan = { host: server.url, profile: { kind: "users", users: 1, spawn_rate: 1 } } as const;
    await load.start(plan);
    await load.until(({ total }) => total.requests > 200);
    const report = await load.loadTest.stop();
    const share = findEndpoint(report, "often").requests / report.total.requests;
    expect(share).toBeGreaterThan(0.6);
    expect(share).toBeLessThan(0.9);
    expect(report.endpoints.map(({ name }) => name).toSorted()).toEqual(["often", "seldom"]);
    const tagged = await load.run({ ...plan, tags: ["seldom"], run_time_seconds: 0.5 });
    expect(tagged.endpoints.map(({ name }) => name)).toEqual(["seldom"]);
    await expect(load.start({ ...plan, exclude_tags: ["often", "seldom"] })).rejects.toThrow(
      "no task is left",
    );
  });
});
