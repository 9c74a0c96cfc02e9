/** The page of a comparison: each panel as Grafana's components and as the console draw it, with the differences. */
import type { Difference } from "./list-differences.ts";

export interface Pair {
  readonly title: string;
  readonly type: string;
  /** PNG. */
  readonly grafana: Buffer;
  readonly console: Buffer;
  readonly differences: readonly Difference[];
}

const STYLE = `body { font: 14px sans-serif; margin: 10px; background: #777; color: #fff; }
table { border-collapse: collapse; }
td, th { vertical-align: top; padding: 5px; text-align: start; }
pre { margin: 0; white-space: pre-wrap; max-width: 450px; }
img { display: block; width: 450px; }`;

/** @param name title of the page */
export function toReport(name: string, pairs: readonly Pair[]): string {
  return `<!doctype html><meta charset="utf-8"><title>${name}</title><style>${STYLE}</style>
<table><tr><th>Grafana's components</th><th>The console</th></tr>${pairs.map(toRows).join("")}</table>`;
}

function toRows({ grafana, console, differences }: Pair): string {
  return `<tr><td>${toImage(grafana)}</td><td>${toImage(console)}</td></tr>${differences
    .map(
      (difference) =>
        `<tr><td>${toCell(difference.part, difference.grafana)}</td><td>${toCell(difference.part, difference.console)}</td></tr>`,
    )
    .join("")}`;
}

function toImage(png: Buffer): string {
  return `<img src="data:image/png;base64,${png.toString("base64")}">`;
}

function toCell(part: string, text: string): string {
  return `<pre><b>${part}</b> ${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</pre>`;
}
