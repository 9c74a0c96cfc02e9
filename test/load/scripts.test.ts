import { describe, expect, it } from "vitest";
import { createLoadTest } from "../../src/load/coordinator/create-load-test.ts";
import { DEFAULT_HTTP_OPTIONS } from "../../src/load/generator/http-options.ts";
import { TepalError } from "../../src/kernel/errors.ts";
import { createFolder } from "../support/folders.ts";
import { findEndpoint, startHttp, startLoad, writeScript } from "../support/load.ts";

/** Returns the problems of a script, with locations relative to its folder. */
async function findProblems(text: string, name = "script.ts"): Promise<string[]> {
  await using folder = await createFolder();
  const script = await writeScript(folder.path, text, name);
  try {
    const options = { script, http: DEFAULT_HTTP_OPTIONS };
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

describe("a problem in a script", () => {
  it("is reported with file and line, together with all others", async () => {
    const problems = await findProblems(`
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
    expect(problems).toEqual([
      'script.ts:14 defineLoadTest shapes: Unknown option. Did you mean "shape"?',
      expect.stringMatching(
        /^script\.ts:14 defineLoadTest thresholds\[0\]: Expected a threshold, .*got "p95<3"\.$/,
      ),
      'script.ts:14 defineLoadTest users: Expected unique names, got "two" twice.',
      expect.stringMatching(/^script\.ts:3 defineUser wait: Unknown option\./),
      "script.ts:3 defineUser weight: Expected a number ≥ 0, got -1.",
      expect.stringMatching(/^script\.ts:3 defineUser host: Expected a URL .*got "somewhere"\.$/),
      "script.ts:8 task weight: Expected a number ≥ 0, got -3.",
      'script.ts:9 task run: Expected a function, got "nothing".',
      "script.ts:12 defineUser tasks: Expected at least one task with a weight > 0.",
      "script.ts:12 between(3, 1): Expected two numbers of seconds ≥ 0, the smaller one first.",
      "script.ts:13 defineUser waitTime: Expected a function, got 5.",
      expect.stringMatching(/^script\.ts:13 defineUser tasks: Missing\. Expected a list of /),
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
    "TypeScript that cannot be erased": [
      "\nenum A { b }\nexport default 1;",
      expect.stringMatching(/^script\.ts:2 SyntaxError: TypeScript enum/),
    ],
    "an unknown export": [
      'import { defineUsers } from "tepal/load";',
      expect.stringMatching(/^script\.ts:1 SyntaxError: .*defineUsers/),
    ],
    "a missing module": [
      'import a from "./nowhere.ts";',
      expect.stringMatching(/^script\.ts Cannot find module .*nowhere\.ts/),
    ],
    "no default export": [
      "export const a = 1;",
      expect.stringMatching(/^script\.ts Missing default export\./),
    ],
    "another default export": [
      "export default 5;",
      expect.stringMatching(/^script\.ts Invalid default export\./),
    ],
    "an empty list": [
      "export default [];",
      expect.stringMatching(/^script\.ts Invalid default export\./),
    ],
  } as const;
  for (const [what, [text, problem]] of Object.entries(cases)) {
    it.concurrent(`is reported with file and line: ${what}`, async () => {
      expect(await findProblems(text)).toEqual([problem]);
    });
  }

  it("is reported with its line in JavaScript too", async () => {
    expect(await findProblems("export default {\n  a: (\n};", "script.mjs")).toEqual([
      expect.stringMatching(/^script\.mjs:3 SyntaxError: Unexpected token/),
    ]);
  });

  it("is reported for a missing script", async () => {
    const options = { script: "/nowhere/x.ts", http: DEFAULT_HTTP_OPTIONS };
    await expect(createLoadTest(options)).rejects.toThrow(
      "/nowhere/x.ts: The file does not exist.",
    );
  });
});

describe("a script", () => {
  it("may import tepal/load and other files from any folder, also below node_modules", async () => {
    await using folder = await createFolder();
    await writeScript(
      folder.path,
      'export const weight: number = 2;\nexport { helper } from "helpers";',
      "node_modules/scripts/weight.ts",
    );
    await writeScript(folder.path, "export const helper = 1;", "node_modules/helpers/index.js");
    await writeScript(folder.path, '{"type":"module"}', "node_modules/helpers/package.json");
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
    const options = { script, http: DEFAULT_HTTP_OPTIONS };
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

  it("continues after an exception, which the report has with its traceback; its output is in the log", async () => {
    await using load = await startLoad(`
import { constant, defineUser, task } from "tepal/load";
export default defineUser({
  // Fewer than 20 steps: the verdict does not depend on the speed of the machine.
  waitTime: constant(0.2),
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
        traceback: expect.stringMatching(/at .*fail .*script\.ts:7/),
        count: expect.any(Number),
        generators: ["generator 0"],
      },
    ]);
    expect(report.exceptions[0]?.count).toBeGreaterThan(1);
    expect(report.verdict).toEqual({ outcome: "failed_requests", exit_code: 1 });
    expect(load.logs.toSorted()).toEqual(["bye", "bye", "hello", "hello"]);
  });

  it("selects tasks by weight and tag", async () => {
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
      "No task is left",
    );
  });
});
