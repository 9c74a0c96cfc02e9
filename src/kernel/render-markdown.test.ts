import { expect, it } from "vitest";
import { renderMarkdown } from "./render-markdown.ts";

const render = (markdown: string): string =>
  renderMarkdown(markdown, (target) => (target.startsWith("..") ? undefined : target));

it.each([
  [
    "# A <b>\n\nOne\ntwo **three**.",
    "<h1>A &lt;b&gt;</h1>\n<p>One two <strong>three</strong>.</p>",
  ],
  ["- a `x < [1](2)`\n- b\n  c", "<ul><li>a <code>x &lt; [1](2)</code></li><li>b c</li></ul>"],
  ["1. a\n   b\n2. c", "<ol><li>a b</li><li>c</li></ol>"],
  ['[a](b "c") [d](../e)', '<p><a href="b &quot;c&quot;">a</a> d</p>'],
  [
    "| A | B |\n| --- | --- |\n| 1 | `2` |",
    "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td><code>2</code></td></tr></table>",
  ],
  ["```sh\na && b\n\n# c\n```\nd", "<pre>a &amp;&amp; b\n\n# c</pre>\n<p>d</p>"],
  ["```\nopen", "<pre>open</pre>"],
  ["", ""],
])("renders %j", (markdown, html) => {
  expect(render(markdown)).toBe(html);
});
