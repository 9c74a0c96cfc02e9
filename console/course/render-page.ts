import { Marked, type Token, type Tokens } from "marked";
import { toAnchor, toPlainText } from "./anchor.ts";
import { toImagePlaceholder, type CourseText, type PageSummary, type Part } from "./course-text.ts";
import { splitTarget, toLinkTarget } from "./link-target.ts";

/** A rendered page, and the images that it shows. */
export interface RenderedPage extends CourseText {
  /** Paths below docs/, in the order of their placeholders. */
  readonly images: readonly string[];
}

const STEP = /<!--\s*step:\s*([\w/.-]+)\s*-->/g;
/** HTML that pages may contain, all without attributes. The rest is shown as written. */
const ALLOWED_TAGS = /^<\/?(?:details|summary|kbd|sub|sup|br)\s*\/?>$/;

/**
 * Renders a page of docs/tutorial from Markdown. An item of a numbered list with the comment `<!-- step: ID -->` becomes a step.
 *
 * @param path path below docs/tutorial without its end
 * @param isPage true for the path of another page of the course
 * @throws Error for a step outside of a numbered list of its own level
 */
export function renderPage(
  markdown: string,
  path: string,
  isPage: (path: string) => boolean,
): RenderedPage {
  const images: string[] = [];
  const marked = createRenderer(path, isPage, images);
  const parts: Part[] = [];
  let title = "";
  let tokens: Token[] = [];
  let count = 0;

  function flush(): void {
    const html = marked.parser(tokens).trim();
    if (html !== "") parts.push({ type: "html", html });
    tokens = [];
  }

  // A code block after a list belongs to its last step: lists between blocks have one item.
  let isAfterStep = false;
  for (const token of marked.lexer(markdown)) {
    if (isAfterStep && token.type === "code") {
      const step = parts.pop()!;
      parts.push(Object.assign(step, { html: `${step.html}\n${marked.parser([token]).trim()}` }));
      continue;
    }
    if (token.type === "space") continue;
    isAfterStep = false;
    if (token.type === "heading" && token["depth"] === 1 && title === "") {
      title = toPlainText(String(token["text"]));
    } else if (isList(token) && listSteps(token.raw).length > 0) {
      if (!token.ordered) throw new Error(`Expected the steps of ${path} in a numbered list.`);
      flush();
      for (const [index, item] of token.items.entries()) {
        const number = Number(token.start === "" ? 1 : token.start) + index;
        const [id] = listSteps(item.raw);
        const html = marked.parse(item.text.replaceAll(STEP, "").trim(), { async: false }).trim();
        isAfterStep = id !== undefined;
        if (id === undefined) {
          parts.push({ type: "html", html: `<ol start="${number}"><li>${html}</li></ol>` });
        } else {
          parts.push({ type: "step", id, number, html });
          count++;
        }
      }
    } else tokens.push(token);
  }
  flush();
  const expected = listSteps(markdown).length;
  if (count !== expected) {
    throw new Error(
      `Expected ${expected} steps in ${path} as items of a numbered list, got ${count}.`,
    );
  }
  return { title, parts, images };
}

/** Returns what is known of a page without rendering it. */
export function summarizePage(markdown: string, path: string): PageSummary {
  const title = toPlainText(/^# (.+)$/m.exec(markdown)?.[1] ?? path);
  const aim = /^## Aim\n\n(.+(?:\n.+)*)/m.exec(markdown)?.[1] ?? "";
  return {
    path,
    title,
    aim: toPlainText(aim.replaceAll("\n", " ")),
    words: countWords(markdown),
    steps: listSteps(markdown),
  };
}

/** Returns the ids of the steps in a string of Markdown. */
function listSteps(markdown: string): readonly string[] {
  return [...markdown.matchAll(STEP)].map(([, id]) => id!);
}

/** Counts the words to read: without code blocks, comments and tags. */
export function countWords(markdown: string): number {
  const text = markdown
    .replaceAll(/^ *(```+)[^]*?^ *\1 *$/gm, "")
    .replaceAll(/<!--[^]*?-->/g, "")
    .replaceAll(/<[^>\n]+>/g, "")
    .replaceAll(/\]\([^)\s]*\)/g, "]");
  return text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

function isList(token: Token): token is Tokens.List {
  return token.type === "list";
}

function createRenderer(path: string, isPage: (path: string) => boolean, images: string[]): Marked {
  return new Marked({
    renderer: {
      html({ text }) {
        const bare = text.replaceAll(/<!--[^]*?-->/g, "");
        return bare
          .split(/(<[^<>]*>)/)
          .map((part) => (ALLOWED_TAGS.test(part) ? part : escapeHtml(part)))
          .join("");
      },
      heading({ tokens, text, depth }) {
        const content = this.parser.parseInline(tokens);
        return `<h${depth} id="at-${toAnchor(text)}">${content}</h${depth}>\n`;
      },
      code({ text, lang = "" }) {
        return renderCode(text, /^\w*/.exec(lang)![0]);
      },
      table({ header, rows }) {
        const toCells = (cells: readonly Tokens.TableCell[], tag: string): string =>
          cells.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join("");
        const body = rows.map((cells) => `<tr>${toCells(cells, "td")}</tr>`).join("\n");
        return `<div class="course-scroll" tabindex="0"><table><thead><tr>${toCells(header, "th")}</tr></thead><tbody>\n${body}</tbody></table></div>\n`;
      },
      link({ href, tokens }) {
        const content = this.parser.parseInline(tokens);
        const target = toLinkTarget(href, path, isPage);
        if (target === undefined) {
          return `${content} (<code>${escapeHtml(splitTarget(href, path).file)}</code>)`;
        }
        const isOutside = !target.startsWith("#");
        return `<a href="${escapeHtml(target)}"${isOutside ? ' target="_blank" rel="noreferrer"' : ""}>${content}</a>`;
      },
      image({ href, text }) {
        const { file } = splitTarget(href, path);
        const known = images.indexOf(file);
        const index = known === -1 ? images.push(file) - 1 : known;
        const source = toImagePlaceholder(index);
        // The panel is narrow: the link shows a drawing in its full size.
        return `<a class="course-image" href="${source}" target="_blank" rel="noreferrer" title="Open the drawing in a new tab"><img src="${source}" alt="${escapeHtml(text)}" loading="lazy"></a>`;
      },
    },
  });
}

/** A code block with a button that copies it; PromQL also has a link that runs it. */
function renderCode(text: string, language: string): string {
  const actions =
    language === "text" || language === ""
      ? ""
      : `<span class="course-code-actions"><button type="button" class="button button-plain button-small" data-copy>Copy</button>${
          language === "promql"
            ? `<a class="button button-plain button-small" href="${escapeHtml(toExplore(text))}">Open in Explore</a>`
            : ""
        }</span>`;
  return `<div class="course-code" data-language="${language}"><pre tabindex="0"><code>${escapeHtml(text)}</code></pre>${actions}</div>\n`;
}

/** Returns the URL of Explore with the queries of a block, which empty lines separate. */
function toExplore(text: string): string {
  const expressions = text.split(/\n\s*\n/).filter((expression) => expression.trim() !== "");
  const parameters = expressions.map((expression) => ["q", expression.trim()]);
  return `#/explore?${new URLSearchParams([["view", "graph"], ...parameters])}`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
