/**
 * Characters that a terminal obeys instead of showing: C0 and C1 controls, among them ESC and the one-character CSI; and those that
 * change the order of what is shown.
 */
// oxlint-disable-next-line no-control-regex -- they are what it looks for
const CONTROLS = /[\0-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const LINE_CONTROLS = /[\t\n]/g;

/**
 * Makes a string safe for a terminal: writes control characters as escapes such as `\x1b` or `\u202e`. Line feeds and tabs stay. Names from
 * files and the network pass through here before they reach a terminal.
 */
export function escapeControls(text: string): string {
  return text.replaceAll(CONTROLS, toEscape);
}

/** As `escapeControls`, and escapes line feeds and tabs too, so that a name cannot start a line of its own. */
export function escapeLine(text: string): string {
  return escapeControls(text).replaceAll(LINE_CONTROLS, toEscape);
}

function toEscape(character: string): string {
  if (character === "\n") return String.raw`\n`;
  if (character === "\r") return String.raw`\r`;
  if (character === "\t") return String.raw`\t`;
  const hex = character.charCodeAt(0).toString(16);
  return hex.length <= 2 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`;
}
