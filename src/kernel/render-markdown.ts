/**
 * Renders the part of Markdown that our own pages use as HTML: headings, paragraphs, lists, tables, fenced code, code, bold text and
 * links. Everything else is shown as written.
 *
 * @param toUrl returns the URL of a link, undefined for one that is shown as its text
 */
export function renderMarkdown(
  markdown: string,
  toUrl: (target: string) => string | undefined,
): string {
  const lines = markdown.split("\n");
  const blocks: string[] = [];
  let i = 0;
  while (i < lines.length) {
    const line = lines[i]!;
    const [, level, heading = ""] = /^(#{1,3}) (.*)/.exec(line) ?? [];
    if (line.trim() === "") i++;
    else if (level !== undefined) {
      blocks.push(`<h${level.length}>${renderText(heading, toUrl)}</h${level.length}>`);
      i++;
    } else if (line.trim().startsWith("```")) {
      const end = lines.findIndex((other, at) => at > i && other.trim() === "```");
      const last = end < 0 ? lines.length : end;
      blocks.push(`<pre>${escapeHtml(lines.slice(i + 1, last).join("\n"))}</pre>`);
      i = last + 1;
    } else {
      let end = i + 1;
      while (end < lines.length && isInside(lines[end]!)) end++;
      blocks.push(renderBlock(lines.slice(i, end), toUrl));
      i = end;
    }
  }
  return blocks.join("\n");
}

/** True if a line continues the block of the line before. */
function isInside(line: string): boolean {
  return line.trim() !== "" && !line.startsWith("#") && !line.trim().startsWith("```");
}

type ToUrl = (target: string) => string | undefined;

const ITEM = /^(?:-|(\d+)\.) +/;

function renderBlock(lines: readonly string[], toUrl: ToUrl): string {
  const [first = ""] = lines;
  if (first.startsWith("|")) return renderTable(lines, toUrl);
  if (!ITEM.test(first)) return `<p>${renderText(lines.join(" "), toUrl)}</p>`;
  const items: string[] = [];
  for (const line of lines) {
    if (ITEM.test(line)) items.push(line.replace(ITEM, ""));
    else items.push(`${items.pop() ?? ""} ${line.trim()}`);
  }
  const tag = first.startsWith("-") ? "ul" : "ol";
  return `<${tag}>${items.map((item) => `<li>${renderText(item, toUrl)}</li>`).join("")}</${tag}>`;
}

function renderTable(lines: readonly string[], toUrl: ToUrl): string {
  const rows = lines
    .filter((line) => !/^\|[\s|:-]+$/.test(line))
    .map((line, row) => {
      const tag = row === 0 ? "th" : "td";
      const cells = line.replaceAll(/^\||\|$/g, "").split("|");
      const inside = cells.map((cell) => `<${tag}>${renderText(cell.trim(), toUrl)}</${tag}>`);
      return `<tr>${inside.join("")}</tr>`;
    });
  return `<table>${rows.join("")}</table>`;
}

function renderText(text: string, toUrl: ToUrl): string {
  // Code is taken first: nothing inside it is markup.
  return text
    .split(/(`[^`]+`)/)
    .map((part) => {
      if (/^`[^`]+`$/.test(part)) return `<code>${escapeHtml(part.slice(1, -1))}</code>`;
      return escapeHtml(part)
        .replaceAll(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")
        .replaceAll(/\[([^\]]+)\]\(([^)]+)\)/g, (_all, label: string, target: string) => {
          const url = toUrl(target);
          return url === undefined ? label : `<a href="${url}">${label}</a>`;
        });
    })
    .join("");
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
