/** Returns the anchor that GitHub gives to a heading in Markdown. */
export function toAnchor(heading: string): string {
  return toPlainText(heading)
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

/** Returns a string of Markdown without code marks, emphasis and the targets of links. */
export function toPlainText(markdown: string): string {
  return markdown.replaceAll(/[`*]/g, "").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}
