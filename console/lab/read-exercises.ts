import { toAnchor } from "../course/anchor.ts";
import { renderPage } from "../course/render-page.ts";
import type { Exercise } from "./exercise.ts";

const HEADING = /^### (\d+)\. (.+)$/gm;
const ANSWER = /<details><summary>Answer<\/summary>\n([^]*?)<\/details>/;
const QUERY = /```promql[^\n]*\n([^]*?)```/;

/**
 * Reads the exercises of docs/tutorial/lab.md: numbered sections of the third level, each with an answer in `<details>` whose `promql`
 * block is the expected query.
 *
 * @throws Error for an exercise without an answer
 */
export function readExercises(markdown: string): readonly Exercise[] {
  const headings = [...markdown.matchAll(HEADING)];
  return headings.map((heading, index) => {
    const [line, number = "", title = ""] = heading;
    const text = markdown.slice(heading.index + line.length, headings[index + 1]?.index);
    const answer = ANSWER.exec(text);
    const query = QUERY.exec(answer?.[1] ?? "");
    if (answer === null || query === null) {
      throw new Error(`Expected an answer with a promql block in exercise ${number}.`);
    }
    return {
      id: toAnchor(title),
      number: Number(number),
      title,
      question: render(text.slice(0, answer.index)),
      expected: query[1]!.trim(),
      answer: render(answer[1]!),
    };
  });
}

/** Links to other pages of the tutorial become their paths: the lab does not have them. */
function render(markdown: string): string {
  return renderPage(markdown, "lab", () => false)
    .parts.map(({ html }) => html)
    .join("\n");
}
