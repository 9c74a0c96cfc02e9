import { describe, expect, it } from "vitest";
import { findViolations } from "../../scripts/language/find-violations.ts";
import { OPENINGS, WORDS } from "../../scripts/language/rules.ts";

const found = (file: string, text: string): readonly string[] =>
  findViolations(file, text).map((one) => `${one.line} ${one.found}`);

/** One sentence for each rule, with the words that the rule bans. */
const PLANTED: readonly (readonly [string, string])[] = [
  ["the monitor built in answers", "monitor built in"],
  ["after that length of time", "length of time"],
  ["the address is wrong", "address"],
  ["a packed body is too large", "packed"],
  ["expects a whole number", "whole number"],
  ["a text is expected here", "a text"],
  ["the texts are too long", "texts"],
  ["the client stands still for long", "stands still"],
  ["no sign of life since then", "sign of life"],
  ["a remark on the model", "remark"],
  ["a mistake in a script", "mistake"],
  ["every fault of the input", "fault"],
  ["the guard judges each row", "judges"],
  ["takes a breath now and then", "breath"],
  ["a twin of that series", "twin"],
  ["every wrong change is noticed", "wrong change"],
  ["its figures of the last minute", "figures"],
  ["to hand back a row", "hand back"],
  ["it asks the server for it", "asks"],
  ["a webhook is told of it", "told"],
  ["the reply says what happened", "says"],
  ["the stream goes on then", "goes on"],
  ["the short lane for predictions", "lane"],
  ["imports of another room fail", "room"],
  ["most branches between root and leaf", "most branches"],
  ["the start of all random choices", "of all random choices"],
  ["five seconds unless told otherwise", "unless told otherwise"],
  ["the server wants a key", "wants"],
  ["a run that is over stays", "that is over"],
  ["continues where it was then", "where it was"],
  ["clients, and whoever reads this", "whoever"],
  ["does it whatever comes first", "whatever"],
  ["until the other side closes", "the other side"],
  ["a reload takes up new versions", "takes up"],
  ["a version that was mended", "mended"],
  ["and likewise for the others", "likewise"],
  ["it doesn't matter which one", "doesn't"],
];

describe("the language check", () => {
  it("has a planted sentence for every banned word", () => {
    expect(PLANTED).toHaveLength(WORDS.length);
  });

  it.each(PLANTED)("finds in a message: %s", (sentence, word) => {
    expect(found("src/a.ts", `\nfail(${JSON.stringify(sentence)});\n`)).toContain(`2 ${word}`);
  });

  it.each(PLANTED)("finds in a comment and in a document: %s", (sentence, word) => {
    expect(found("src/a.ts", `const a = 1;\n// ${sentence}\n`)).toContain(`2 ${word}`);
    expect(found("docs/a.md", `# Title\n\nFirst,\n${sentence}\n`)).toContain(`4 ${word}`);
    expect(found("compose.yaml", `a: 1 # ${sentence}\n`)).toContain(`1 ${word}`);
    expect(found("src/a.css", `\n/* ${sentence} */\n`)).toContain(`2 ${word}`);
  });

  it.each(["What", "How", "Of", "Whether", "Whoever", "Who", "Where", "When"])(
    "finds a doc comment that opens with %s",
    (word) => {
      expect(OPENINGS).toHaveLength(1);
      expect(found("src/a.ts", `/** ${word} it serves. */\nconst a = 1;\n`)).toContain(`1 ${word}`);
      expect(found("src/a.ts", `/**\n * ${word} it serves.\n */\n`)).toContain(`2 ${word}`);
      expect(
        found("src/a.ts", `/** Sends it. @returns ${word.toLowerCase()} it serves */`),
      ).toEqual(expect.arrayContaining([expect.stringContaining("@returns")]));
    },
  );

  it("reads the parts of a template literal as one message, and text between JSX tags", () => {
    expect(found("a.ts", "const a = `the address ${b} is unknown`;")).toEqual(["1 address"]);
    expect(found("a.tsx", "const a = <p>The run that is over</p>;")).toEqual(["1 that is over"]);
  });

  it("accepts those words inside a sentence, and as the first word of a plain comment", () => {
    expect(found("src/a.ts", "/** Returns where and when it was, and how. */")).toEqual([]);
    expect(found("src/a.ts", "// What follows is generated.\n")).toEqual([]);
  });

  it("reports one violation per word, with its line", () => {
    const text = "/**\n * Sends it.\n *\n * The server says so, and goes on.\n */\nconst a = 1;\n";
    expect(found("src/a.ts", text)).toEqual(["4 says", "4 goes on"]);
  });

  it("ignores code: identifiers, short strings, code spans and fences", () => {
    expect(found("src/a.ts", 'const address = "address"; // uses `address`\n')).toEqual([]);
    expect(found("docs/a.md", "Use `address`.\n\n```sh\nask somebody\n```\n\nDone.\n")).toEqual([]);
  });

  it("allows the exceptions of its list, and nothing beside them", () => {
    expect(found("src/a.ts", "// The IP address of a client\n")).toEqual([]);
    expect(found("test/faults/a.ts", "// Injects a fault\n")).toEqual([]);
    expect(found("test/faults/a.ts", "// Injects a fault, and says so\n")).toEqual(["1 says"]);
    expect(found("src/a.ts", "// Injects a fault\n")).toEqual(["1 fault"]);
  });
});
