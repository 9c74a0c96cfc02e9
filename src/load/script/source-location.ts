import { fileURLToPath } from "node:url";

/** Where the script has called a function of ours: `file:line`, or "" when nobody knows. */
export function findPlace(callee: (...values: never) => unknown): string {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, callee);
  return toPlace(holder.stack ?? "", () => true);
}

/** The first place in a stack whose file is wanted, as `file:line`; "" when there is none. */
export function toPlace(stack: string, isWanted: (file: string) => boolean): string {
  for (const line of stack.split("\n")) {
    const [, address, row] =
      /(?:^|[\s(])((?:file:\/\/)?\/[^()\s]*?|[A-Z]:\\[^()]*?):(\d+)(?::\d+)?\)?$/.exec(line) ?? [];
    if (address === undefined) continue;
    const file = address.startsWith("file:") ? fileURLToPath(address) : address;
    if (isWanted(file)) return `${file}:${row}`;
  }
  return "";
}

/** A stack without the frames of Node.js and of Tepal, which differ with how the event loop came there and tell a script's author nothing. */
export function toTraceback(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => !isOwn(line))
    .join("\n");
}

function isOwn(line: string): boolean {
  return /^\s+at /.test(line) && (/\(?node:/.test(line) || line.includes(OWN_FOLDER));
}

const OWN_FOLDER = new URL("..", import.meta.url).href;
