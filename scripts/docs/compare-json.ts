/** Compares shown JSON with that of a run. `…` in the shown JSON stands for what is left out. */
import { isNear, matchesPattern } from "./compare-text.ts";

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [name: string]: Json;
}

export interface Tolerance {
  /** Names of members of which only the type is compared. */
  readonly any: ReadonlySet<string>;
  /** Share by which numbers may differ. */
  readonly tolerance: number;
}

const ELLIPSIS = "…";
const ID = /^[0-9a-f]{32}$/;

export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text);
  return value;
}

/** Lists the differences, each with its JSON pointer. */
export function compareJson(
  shown: Json | undefined,
  actual: Json | undefined,
  allowed: Tolerance,
  pointer = "",
): readonly string[] {
  if (shown === undefined || actual === undefined) {
    return [`${pointer}: ${toText(shown)} is shown, the reply has ${toText(actual)}`];
  }
  if (Array.isArray(shown) && Array.isArray(actual)) {
    const isOpen = shown.at(-1) === ELLIPSIS;
    const items: readonly Json[] = isOpen ? shown.slice(0, -1) : shown;
    const length = isOpen ? items.length : Math.max(items.length, actual.length);
    return Array.from({ length }, (_, index) =>
      compareJson(items[index], actual[index], allowed, `${pointer}/${index}`),
    ).flat();
  }
  if (isObject(shown) && isObject(actual)) {
    const isOpen = Object.hasOwn(shown, ELLIPSIS);
    const names = new Set([...Object.keys(shown), ...(isOpen ? [] : Object.keys(actual))]);
    names.delete(ELLIPSIS);
    return [...names].flatMap((name) =>
      allowed.any.has(name) && typeof shown[name] === typeof actual[name]
        ? []
        : compareJson(shown[name], actual[name], allowed, `${pointer}/${name}`),
    );
  }
  return isSame(shown, actual, allowed.tolerance)
    ? []
    : [`${pointer}: ${toText(shown)} is shown, the reply has ${toText(actual)}`];
}

function isSame(shown: Json, actual: Json, tolerance: number): boolean {
  if (shown === ELLIPSIS || shown === actual) return true;
  if (typeof shown === "number" && typeof actual === "number") {
    return isNear(shown, actual, tolerance);
  }
  if (typeof shown !== "string" || typeof actual !== "string") return false;
  return (ID.test(shown) && ID.test(actual)) || matchesPattern(shown, actual);
}

/** Returns the reply as a page shows it: with what was left out before, and with the shown values that still hold. */
export function updateJson(shown: Json | undefined, actual: Json, allowed: Tolerance): Json {
  if (shown !== undefined && compareJson(shown, actual, allowed).length === 0) return shown;
  if (Array.isArray(shown) && Array.isArray(actual)) {
    const isOpen = shown.at(-1) === ELLIPSIS;
    const kept: readonly Json[] = isOpen ? actual.slice(0, shown.length - 1) : actual;
    const items = kept.map((item, index) => updateJson(shown[index], item, allowed));
    return isOpen ? [...items, ELLIPSIS] : items;
  }
  if (shown !== undefined && isObject(shown) && isObject(actual)) {
    const isOpen = Object.hasOwn(shown, ELLIPSIS);
    const names = Object.keys(actual).filter((name) => !isOpen || Object.hasOwn(shown, name));
    const entries = names.map((name): readonly [string, Json] => {
      const isAny = allowed.any.has(name) && typeof shown[name] === typeof actual[name];
      const before = shown[name];
      const now = actual[name] ?? null;
      return [name, isAny && before !== undefined ? before : updateJson(before, now, allowed)];
    });
    return Object.fromEntries(isOpen ? [...entries, [ELLIPSIS, ELLIPSIS]] : entries);
  }
  return actual;
}

/** Formats JSON as the pages do: objects and arrays that fit stand on one line. */
export function formatJson(value: Json, width = 110, indent = ""): string {
  const line = toLine(value);
  const isContainer = typeof value === "object" && value !== null;
  if (!isContainer || (indent !== "" && indent.length + line.length <= width)) return line;
  const deeper = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item: Json) => formatJson(item, width, deeper))
    : Object.entries(value).map(
        ([name, item]) => `${JSON.stringify(name)}: ${formatJson(item, width, deeper)}`,
      );
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0) return `${open}${close}`;
  return `${open}\n${parts.map((part) => `${deeper}${part}`).join(",\n")}\n${indent}${close}`;
}

function toLine(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(toLine).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, item]) => `${JSON.stringify(name)}: ${toLine(item)}`,
  );
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** Returns the value at a JSON pointer; undefined if there is none. */
export function findPointer(value: Json, pointer: string): Json | undefined {
  let found: Json | undefined = value;
  for (const name of pointer.split("/").slice(1)) {
    if (Array.isArray(found)) found = found[Number(name)];
    else found = found !== undefined && isObject(found) ? found[name] : undefined;
  }
  return found;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toText(value: Json | undefined): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
