import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startHttp, startLoad } from "../support/load.ts";
import { createTestPredictor, streamRows } from "../support/predictors.ts";

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

  it("examples/iris/loadtest.ts sends rows like those of the training data, of which 5 % are outliers", async () => {
    const { predictor } = await createTestPredictor();
    const bodies: string[] = [];
    await using server = await startHttp(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      if (request.url === "/predict") bodies.push(body);
      response.end('{"label": "x"}');
    });
    await using load = await startLoad(await read("examples/iris/loadtest.ts"));
    await load.start({
      host: server.url,
      profile: { kind: "users", users: 200, spawn_rate: 1_000 },
    });
    await load.until(() => bodies.length >= 400);
    await load.loadTest.stop();
    const input = bodies.map((body) => `${body}\n`);
    const replies = streamRows(predictor, input, { input: "ndjson" }).trim().split("\n");
    const outliers = replies.filter((reply) => reply.includes('"is_outlier":true')).length;
    // OutOfDistribution fires above 10 %.
    expect(outliers / replies.length).toBeGreaterThan(0.01);
    expect(outliers / replies.length).toBeLessThan(0.1);
  });
});
