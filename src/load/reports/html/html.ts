/** Markup, which a template inserts unchanged. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Html | readonly Html[];

/** Makes markup of a template. Values that are not markup are escaped, so names and messages of scripts and servers cannot add elements. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.map((part, index) => part + toMarkup(values[index] ?? "")).join(""));
}

function toMarkup(value: Value): string {
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(({ text }) => text).join("");
  return escape(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(raw: string): string {
  return (
    raw
      .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "")
      // HTML does not allow control characters.
      .replaceAll(/(?![\t\n\r])\p{Cc}/gu, "\u{fffd}")
  );
}
