import { Marked, type Tokens } from "marked";
import { escapeHtml } from "./escape-html.ts";

/**
 * Renders our own pages from Markdown as HTML. HTML in them is shown as written.
 *
 * @param toUrl returns the URL of a link, undefined for one that is shown as its text
 */
export function renderMarkdown(
  markdown: string,
  toUrl: (target: string) => string | undefined,
): string {
  const marked = new Marked({
    renderer: {
      html: ({ text }) => escapeHtml(text),
      link({ href, tokens }: Tokens.Link) {
        const text = this.parser.parseInline(tokens);
        const url = toUrl(href);
        return url === undefined ? text : `<a href="${escapeHtml(url)}">${text}</a>`;
      },
    },
  });
  return marked.parse(markdown, { async: false });
}
