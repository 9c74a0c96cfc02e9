import type { Block, Page, Problem } from "./page.ts";

/** The languages of blocks, with what is done to them. */
const LANGUAGES = new Set(
  "sh http promql ts json yaml csv text md python ini diff mermaid dockerfile html go".split(" "),
);

/** The attributes of a block, after its language. CONTRIBUTING.md explains them. */
const ATTRIBUTES = new Set([
  "any",
  "background",
  "empty",
  "exit",
  "file",
  "full-stack",
  "not-checked",
  "not-run",
  "reply",
  "status",
  "tolerance",
  "wait",
]);

/** Attributes of a value that state where it is from. */
const SOURCES = ["promql", "reply", "bench"];

/** Attributes that state a reason. */
const REASONS = ["not-run", "not-checked", "empty"];

/** Checks the info strings of the blocks and the attributes of the values. */
export function checkAttributes(page: Page): Problem[] {
  return [
    ...page.blocks.flatMap((block) => problemsOf(block).map((message) => ({ message, block }))),
    ...page.values
      .filter(({ attributes }) => SOURCES.filter((name) => attributes.has(name)).length !== 1)
      .map((block) => ({ message: "Expected a value with promql, reply or bench.", block })),
  ].map(({ message, block }) => ({ path: page.path, line: block.line, message }));
}

function problemsOf({ language, attributes }: Block): string[] {
  if (language === "") {
    return ["Expected a language after the fence, for example `text`."];
  }
  return [
    ...(LANGUAGES.has(language)
      ? []
      : [`Expected a language of CONTRIBUTING.md, got ${language}.`]),
    ...[...attributes.keys()]
      .filter((name) => !ATTRIBUTES.has(name))
      .map((name) => `Unknown attribute ${name}.`),
    ...REASONS.filter((name) => attributes.get(name) === "").map(
      (name) => `Expected a reason: ${name}="…".`,
    ),
  ];
}
