import { describe, expect, it } from "vitest";
import { readExercises } from "./read-exercises.ts";

const PAGE = `# The lab

### 1. A first one

Text with \`code\`, and a [page](hands-on/05-requests.md).

<details><summary>Answer</summary>

\`\`\`promql empty
sum(up)
  > 1
\`\`\`

Because.

</details>

### 2. A second one

Text.
`;

describe("the exercises of a page", () => {
  it("have a question, an expected query and an answer", () => {
    const [first] = readExercises(PAGE.slice(0, PAGE.indexOf("### 2.")));
    expect(first).toMatchObject({
      id: "a-first-one",
      number: 1,
      title: "A first one",
      expected: "sum(up)\n  > 1",
    });
    // The lab has no other pages of the tutorial.
    expect(first?.question).toContain("page (<code>docs/tutorial/hands-on/05-requests.md</code>)");
    expect(first?.answer).toContain("Because.");
    expect(first?.answer).not.toContain("details");
  });

  it("need an answer with a query", () => {
    expect(() => readExercises(PAGE)).toThrow(
      "Expected an answer with a promql block in exercise 2.",
    );
  });
});
