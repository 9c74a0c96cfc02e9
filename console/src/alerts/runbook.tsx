import { h, type ComponentChild } from "preact";
import { Empty, Loading } from "../components/empty.tsx";
import type { Api } from "../lib/api.ts";
import { useReply } from "../shell/use-reply.ts";

interface Props {
  /** Name of a runbook of this server. */
  readonly name: string;
  readonly api: Api;
}

/** A runbook of the server, which serves it as HTML. */
export function Runbook({ name, api }: Props) {
  const { data, problem } = useReply(
    async (signal) => {
      const reply = await api.send(`runbooks/${name}`, { accept: "text/html", signal });
      // The policy of this page forbids the style of that page.
      const text = (await reply.text()).replace(/<style>[^]*?<\/style>/g, "");
      return new DOMParser().parseFromString(text, "text/html");
    },
    [name, api],
  );
  const url = `../runbooks/${name}`;
  if (data === undefined) {
    return problem === undefined ? (
      <Loading what="Loading the runbook…" />
    ) : (
      <Empty title="The server has no such runbook" action={<a href={url}>{name}</a>}>
        {problem}
      </Empty>
    );
  }
  return (
    <article class="runbook" aria-label={`Runbook ${name}`}>
      {Array.from(data.body.childNodes, toNode)}
      <p>
        <a href={url} target="_blank" rel="noreferrer">
          Runbook on its own page
        </a>
      </p>
    </article>
  );
}

/** The elements that Markdown makes. Headings are one level lower: they stand in a section of the page. */
const TAGS: Readonly<Record<string, string>> = {
  H1: "h4",
  H2: "h5",
  H3: "h6",
  ...Object.fromEntries(
    "P UL OL LI CODE PRE EM STRONG TABLE THEAD TBODY TR TH TD BR HR BLOCKQUOTE"
      .split(" ")
      .map((tag) => [tag, tag.toLowerCase()]),
  ),
};

/** Copies text and known elements without attributes, except links of http: nothing in a reply can run or style the page. */
function toNode(node: Node): ComponentChild {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (!(node instanceof Element)) return null;
  if (["STYLE", "SCRIPT", "TITLE", "META"].includes(node.tagName)) return null;
  const children = Array.from(node.childNodes, toNode);
  if (node.tagName === "A") {
    const target = node.getAttribute("href") ?? "";
    // Runbooks name each other relative to their folder.
    const href = /^https?:/.test(target) ? target : `../runbooks/${target}`;
    return (
      <a href={href} target="_blank" rel="noreferrer">
        {children}
      </a>
    );
  }
  const tag = TAGS[node.tagName];
  return tag === undefined ? children : h(tag, {}, ...children);
}
