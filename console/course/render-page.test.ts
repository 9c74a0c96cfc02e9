import { describe, expect, it } from "vitest";
import { toAnchor } from "./anchor.ts";
import { countWords, renderPage, summarizePage } from "./render-page.ts";

const render = (markdown: string) =>
  renderPage(markdown, "hands-on/01-predict", (path) => path === "questions");
const renderHtml = (markdown: string): string =>
  render(markdown)
    .parts.map((part) => part.html)
    .join("\n");

describe("a page of the course", () => {
  it("becomes its title and its parts: text, steps, and other items with their number", () => {
    const markdown = [
      "# 2.1 `A` question",
      "Text.",
      "## In the console",
      "1. One `a`.\n   <!-- step: 01-predict/one -->",
      "2. Two.\n\n   ```promql\n   up\n   ```\n\n   <!-- step: 01-predict/two -->",
      "3. Three.",
      "## Why\n\nText.",
    ].join("\n");
    const { title, parts } = render(markdown);
    expect(title).toBe("2.1 A question");
    expect(
      parts.map((part) => (part.type === "step" ? [part.id, part.number] : part.html)),
    ).toEqual([
      '<p>Text.</p>\n<h2 id="at-in-the-console">In the console</h2>',
      ["01-predict/one", 1],
      ["01-predict/two", 2],
      '<ol start="3"><li><p>Three.</p></li></ol>',
      '<h2 id="at-why">Why</h2>\n<p>Text.</p>',
    ]);
    expect(parts[1]!.html).toBe("<p>One <code>a</code>.</p>");
    expect(parts[2]!.html).toContain("data-copy");
    expect(summarizePage(markdown, "a")).toEqual({
      path: "a",
      title: "2.1 A question",
      aim: "",
      words: 16,
      steps: ["01-predict/one", "01-predict/two"],
    });
  });

  it("has the code after a step in the step", () => {
    const { parts } = render("1. A <!-- step: a/b -->\n\n```sh\nc\n```\n\n2. D\n\n```sh\ne\n```");
    expect(parts.map(({ type, html }) => [type, html.includes("<pre")])).toEqual([
      ["step", true],
      ["html", true],
    ]);
  });

  it.each([
    "- A\n  <!-- step: a/b -->",
    "<!-- step: a/b -->",
    "1. A\n   - B <!-- step: a/b -->\n   - C <!-- step: a/c -->",
  ])("rejects a step outside of a numbered list: %j", (markdown) => {
    expect(() => render(markdown)).toThrow(/hands-on\/01-predict/);
  });

  it.each([
    [
      "details",
      "<details><summary>Answer</summary>\n\nA *b*\n\n</details>",
      /<details><summary>Answer<\/summary>\s*<p>A <em>b<\/em><\/p>\s*<\/details>/,
    ],
    ["no other HTML", '<img src=x onerror="a()"> <b style="x">c</b>', /^(?:(?!<img|<b)[^])*$/],
    ["no comments", "A <!-- b -->c", /<p>A c<\/p>/],
    [
      "code with a button that copies it",
      "```sh skip\na < b\n```",
      /data-language="sh"><pre tabindex="0"><code>a &lt; b<\/code><\/pre>.*data-copy/,
    ],
    [
      "PromQL with a link to Explore",
      "```promql\na + b\n\nc\n```",
      /href="#\/explore\?view=graph&amp;q=a\+%2B\+b&amp;q=c"/,
    ],
    ["drawings without buttons", "```text\na\n```", /^(?:(?!data-copy)[^])*$/],
    [
      "tables that scroll",
      "| A |\n|--:|\n| b |",
      /<div class="course-scroll" tabindex="0"><table><thead><tr><th>A<\/th><\/tr><\/thead><tbody>\s*<tr><td>b<\/td>/,
    ],
    [
      "a link to a page of the course",
      "[a](../questions.md#one)",
      /<a href="#\/learn\/questions\?at=one">a<\/a>/,
    ],
    [
      "a link to another file as its path",
      "[a](../../options.md)",
      /<p>a \(<code>docs\/options.md<\/code>\)<\/p>/,
    ],
    [
      "a link to a runbook",
      "[a](../../runbooks/ApiDown.md)",
      /href="..\/runbooks\/ApiDown" target="_blank"/,
    ],
    [
      "a link to the console",
      "[a](http://127.0.0.1:8000/console/#/explore?q=up)",
      /<a href="#\/explore\?q=up">/,
    ],
    [
      "a link to the server",
      "http://127.0.0.1:8000/docs",
      /<a href="..\/docs" target="_blank" rel="noreferrer">/,
    ],
  ])("has %s", (_what, markdown, expected) => {
    expect(renderHtml(markdown)).toMatch(expected);
  });

  it("names its images once, by their path in the repository", () => {
    const { images, parts } = render(
      "![A](../../images/tutorial/a.svg) ![A](../../images/tutorial/a.svg)",
    );
    expect(images).toEqual(["docs/images/tutorial/a.svg"]);
    expect(parts[0]!.html.match(/href="%IMAGE_0%"[^>]*><img src="%IMAGE_0%"/g)).toHaveLength(2);
  });

  it("has the paragraph of its aim as text", () => {
    const markdown = "# A\n\n## Aim\n\nMeasure `a`,\nthen *b*.\n\nMore.\n";
    expect(summarizePage(markdown, "a").aim).toBe("Measure a, then b.");
  });

  it("counts words to read, without code blocks, tags and targets of links", () => {
    expect(countWords("A [b c](d.md) `e`\n\n```sh\nf g\n```\n<br> – h <!-- i -->")).toBe(5);
  });

  it("names headings as GitHub does", () => {
    expect(toAnchor("1.2 What is `up`, and why?")).toBe("12-what-is-up-and-why");
  });
});
