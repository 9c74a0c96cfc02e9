import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startHttp, startLoad } from "../support/load.ts";

const read = (path: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

/** Returns the examples of the public functions by name. */
function findExamples(source: string): readonly (readonly [string, string])[] {
  const documented = source.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\nexport function (\w+)/gs);
  return Array.from(documented, ([, comment = "", name = ""]) => {
    const [, code = ""] = /@example\n \* ```ts\n(.*?) \* ```/s.exec(comment) ?? [];
    return [name, code.replaceAll(/^ \* ?/gm, "")] as const;
  });
}

/** Returns the first script of a document. */
function findScript(document: string): string {
  return /```ts\n(.*?)```/s.exec(document)?.[1] ?? "";
}

const EXAMPLES = [
  ...findExamples(await read("src/load/script/define.ts")),
  ["docs/load-testing.md", findScript(await read("docs/load-testing.md"))] as const,
  ["examples/iris/loadtest.ts", await read("examples/iris/loadtest.ts")] as const,
];

describe("the examples of load scripts", () => {
  it("exist for every public function", () => {
    expect(EXAMPLES.map(([name]) => name)).toEqual([
      "defineUser",
      "task",
      "defineLoadTest",
      "between",
      "constant",
      "check",
      "docs/load-testing.md",
      "examples/iris/loadtest.ts",
    ]);
  });

  it.each(EXAMPLES)("%s runs", async (_name, script) => {
    await using server = await startHttp((_request, response) => response.end('{"label": "x"}'));
    await using load = await startLoad(script);
    await load.start({
      host: server.url,
      profile: { kind: "users", users: 2, spawn_rate: 100 },
    });
    await load.until(({ total }) => total.requests > 0);
    const report = await load.loadTest.stop();
    expect([report.exceptions, report.failures]).toEqual([[], []]);
  });
});
