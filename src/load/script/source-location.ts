import { fileURLToPath } from "node:url";

/** Returns where a script called one of our functions, as `file:line`, or "" if that is unknown. */
export function locateCall(callee: (...values: never) => unknown): string {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, callee);
  return findLocation(holder.stack ?? "", () => true);
}

/** Returns the first location in a stack whose file is accepted, as `file:line`, or "" if there is none. */
export function findLocation(stack: string, isAccepted: (file: string) => boolean): string {
  for (const line of stack.split("\n")) {
    const [, path, row] =
      /(?:^|[\s(])((?:file:\/\/)?\/[^()\s]*?|[A-Z]:\\[^()]*?):(\d+)(?::\d+)?\)?$/.exec(line) ?? [];
    if (path === undefined) continue;
    const file = path.startsWith("file:") ? fileURLToPath(path) : path;
    if (isAccepted(file)) return `${file}:${row}`;
  }
  return "";
}

/** Returns a stack without the frames of Node.js and Tepal. They vary from call to call and mean nothing to the author of a script. */
export function toTraceback(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => !isInternal(line))
    .join("\n");
}

function isInternal(line: string): boolean {
  return /^\s+at /.test(line) && (/\(?node:/.test(line) || line.includes(CODE_FOLDER));
}

/** src/, or dist/ of the package. */
const CODE_FOLDER = new URL("../..", import.meta.url).href;
