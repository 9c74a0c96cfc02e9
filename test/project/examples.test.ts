import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  checkTypes,
  createProject,
  ENTRIES,
  normalizeOutput,
  runProgram,
  toExpectedOutput,
} from "../../scripts/docs/programs.ts";
import { findPublicExamples } from "../support/examples.ts";
import { createFolder, type TemporaryFolder } from "../support/folders.ts";

// Two cores: more programs at once only slow each other down.
vi.setConfig({ maxConcurrency: 2 });

const PUBLIC = Object.values(ENTRIES).map(findPublicExamples);
const EXAMPLES = PUBLIC.flatMap(({ examples }) => examples).map((example, index) => ({
  ...example,
  index,
}));

describe("every public function", () => {
  it("has an example in its doc comment", () => {
    expect(PUBLIC.flatMap(({ missing }) => missing)).toEqual([]);
    const named = EXAMPLES.map(({ name }) => name);
    const members = ["src/server.ts: Server", "src/server.ts: Server"]; // metrics and app
    expect(named).toEqual(expect.arrayContaining(["src/kernel/errors.ts: TepalError"]));
    expect(named.filter((name) => members.includes(name))).toHaveLength(members.length);
  });
});

// `npm run test:docs` runs those of README.md and docs/.
describe("the examples of doc comments", () => {
  let project: TemporaryFolder;
  beforeAll(async () => {
    project = await createFolder();
    await createProject(
      project.path,
      EXAMPLES.map(({ code }) => code),
    );
  });
  afterAll(() => project[Symbol.asyncDispose]());

  it("are accepted by the type checker", async () => {
    const names = EXAMPLES.map(({ name }) => name);
    expect(await checkTypes(project.path, names)).toBe("");
  }, 300_000);

  it.concurrent.each(EXAMPLES)(
    "run, end by themselves and print what they state: $name",
    async (example) => {
      const { output, ...ended } = await runProgram(project.path, example.index);
      expect({ output, ...ended }).toEqual({ output, code: 0, signal: null });
      expect(normalizeOutput(output)).toMatch(toExpectedOutput(example.code));
    },
  );
});
