import { expect, it } from "vitest";
import { renderMarkdown } from "./render-markdown.ts";

const render = (markdown: string): string =>
  renderMarkdown(markdown, (target) => (target.startsWith("..") ? undefined : target));

it.each([
  ["headings and text", "# A & B\n\nOne\ntwo.", "<h1>A &amp; B</h1>\n<p>One\ntwo.</p>\n"],
  ["a link", "[a *b*](b%22c)", '<p><a href="b%22c">a <em>b</em></a></p>\n'],
  ["a link elsewhere as its text", "[d `e`](../e)", "<p>d <code>e</code></p>\n"],
  ["code as written", "`x < [1](2)`", "<p><code>x &lt; [1](2)</code></p>\n"],
  ["HTML as written", "a <script>b</script>", "<p>a &lt;script&gt;b&lt;/script&gt;</p>\n"],
  ["a block of HTML as written", "<img src=x>", "&lt;img src=x&gt;"],
])("renders %s", (_what, markdown, html) => {
  expect(render(markdown)).toBe(html);
});
