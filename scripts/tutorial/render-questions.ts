import { toAnchor } from "../../console/course/anchor.ts";

/** A question of the tutorial, and the page that answers it. */
export interface Question {
  /** For example `2.7`. */
  readonly number: string;
  readonly text: string;
  /** Path of the page in docs/tutorial, with the anchor of a section. */
  readonly link: string;
}

/** A page of docs/tutorial. */
export interface TutorialPage {
  readonly path: string;
  readonly text: string;
}

/** A heading such as `## 1.3 Why …?`. Titles of pages have one #, sections two. */
const HEADING = /^(##?) (\d\.\d+) (.+)$/gm;

/** Collects the numbered headings of pages, in the order of their numbers. */
export function collectQuestions(pages: readonly TutorialPage[]): readonly Question[] {
  const questions = pages.flatMap(({ path, text }) =>
    [...text.matchAll(HEADING)].map(([, level, number = "", heading = ""]) => ({
      number,
      text: heading,
      link: level === "##" ? `${path}#${toAnchor(`${number} ${heading}`)}` : path,
    })),
  );
  return questions.toSorted((one, other) => toOrder(one) - toOrder(other));
}

/** Renders the sheet for learners: the questions of each part with space for an answer. */
export function renderQuestions(questions: readonly Question[]): string {
  const parts = [
    renderPart("Part one: reading the files", "1.", questions),
    renderPart("Part two: hands on", "2.", questions),
  ];
  return parts.join("\n\n");
}

/** Renders a list of links to the questions of part two, for the index of the tutorial. */
export function renderHandsOn(questions: readonly Question[]): string {
  return questions
    .filter(({ number }) => number.startsWith("2."))
    .map(({ number, text, link }) => `- [${number}](${link}) ${text}`)
    .join("\n");
}

function renderPart(title: string, prefix: string, questions: readonly Question[]): string {
  const own = questions.filter(({ number }) => number.startsWith(prefix));
  const blocks = own.map(({ number, text }) => `### ${number} ${text}\n\nAnswer:`);
  return [`## ${title} (${own.length} questions)`, ...blocks].join("\n\n");
}

function toOrder({ number }: Question): number {
  const [part = 0, question = 0] = number.split(".").map(Number);
  return part * 100 + question;
}
