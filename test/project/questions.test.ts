import { describe, expect, it } from "vitest";
import {
  collectQuestions,
  renderHandsOn,
  renderQuestions,
} from "../../scripts/tutorial/render-questions.ts";
import { readTutorial } from "../../scripts/tutorial/read-tutorial.ts";

const PAGES = [
  { path: "hands-on/02-own-check.md", text: "# 2.2 How is it computed?\n\n## Why\n\nText.\n" },
  { path: "hands-on/01-predict.md", text: "# 2.1 Which model answers?\n\nSecret answer.\n" },
  {
    path: "reading-the-files.md",
    text: "# Part one\n\n## 1.2 What is prometheus.yml, line by line?\n\n## 1.1 Which?\n",
  },
];
const QUESTIONS = collectQuestions(PAGES);

describe("the questions of the tutorial", () => {
  it("are the numbered headings, in the order of their numbers", () => {
    expect(QUESTIONS.map(({ number, text }) => `${number} ${text}`)).toEqual([
      "1.1 Which?",
      "1.2 What is prometheus.yml, line by line?",
      "2.1 Which model answers?",
      "2.2 How is it computed?",
    ]);
  });

  it("link to their page, or to their section as GitHub names it", () => {
    expect(QUESTIONS.map(({ link }) => link)).toEqual([
      "reading-the-files.md#11-which",
      "reading-the-files.md#12-what-is-prometheusyml-line-by-line",
      "hands-on/01-predict.md",
      "hands-on/02-own-check.md",
    ]);
  });

  it("are 7 and 14, numbered without a gap", async () => {
    const numbers = collectQuestions(await readTutorial()).map(({ number }) => number);
    const count = (part: number, length: number): string[] =>
      Array.from({ length }, (_, i) => `${part}.${i + 1}`);
    expect(numbers).toEqual([...count(1, 7), ...count(2, 14)]);
  });

  it("fill a sheet without an answer, and the index of part two", () => {
    const sheet = renderQuestions(QUESTIONS);
    expect(sheet).toContain("## Part two: hands on (2 questions)\n\n### 2.1 Which model answers?");
    expect(sheet).not.toContain("Secret");
    expect(renderHandsOn(QUESTIONS)).toBe(
      "- [2.1](hands-on/01-predict.md) Which model answers?\n- [2.2](hands-on/02-own-check.md) How is it computed?",
    );
  });
});
