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
      /((?:file:\/\/)?\/[^()\s]*?|[A-Z]:\\[^()]*?):(\d+)(?::\d+)?\)?$/.exec(line) ?? [];
    if (address === undefined) continue;
    const file = address.startsWith("file:") ? toFile(address) : address;
    if (isWanted(file)) return `${file}:${row}`;
  }
  return "";
}

function toFile(address: string): string {
  // A script is imported under an address with a query, so that it is read anew.
  const [plain = address] = address.split("?");
  return fileURLToPath(plain);
}
