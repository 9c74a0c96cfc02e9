import type { ComponentChildren } from "preact";
import { asText } from "../grafana/json.ts";
import type { PanelProps } from "./panel-props.ts";

/** Renders Markdown. HTML in it is not interpreted: a dashboard cannot bring code. */
export function TextPanel({ panel }: PanelProps) {
  return <div class="text">{toBlocks(asText(panel.options["content"]))}</div>;
}

/** Headings, lists, paragraphs and code of Markdown. */
function toBlocks(content: string): ComponentChildren[] {
  const blocks = content.replaceAll("\r", "").split(/\n{2,}/);
  return blocks.map((block, index) => {
    const fence = /^```\w*\n([\s\S]*?)\n?```$/.exec(block)?.[1];
    if (fence !== undefined) return <pre key={index}>{fence}</pre>;
    const heading = /^(#{1,6})\s+(.*)$/.exec(block);
    if (heading !== null) return <h3 key={index}>{toInline(heading[2] ?? "")}</h3>;
    const items = block.split("\n").map((line) => /^\s*(?:[-*+]|\d+\.)\s+(.*)$/.exec(line)?.[1]);
    if (items.every((item) => item !== undefined)) {
      return (
        <ul key={index} class="text-list">
          {items.map((item, at) => (
            <li key={at}>{toInline(item)}</li>
          ))}
        </ul>
      );
    }
    return <p key={index}>{toInline(block)}</p>;
  });
}

const INLINE = /\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/g;

function toInline(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, bold, code, label, url = ""] = match;
    parts.push(text.slice(at, match.index));
    if (bold !== undefined) parts.push(<strong>{bold}</strong>);
    else if (code !== undefined) parts.push(<code>{code}</code>);
    // Other schemes could run code.
    else if (/^(?:https?:\/\/|[./#])/.test(url)) parts.push(<a href={url}>{label}</a>);
    else parts.push(label);
    at = match.index + whole.length;
  }
  parts.push(text.slice(at));
  return parts;
}
