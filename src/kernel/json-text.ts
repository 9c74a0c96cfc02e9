import type { Problem } from "./errors.ts";
import { isJsonObject } from "./json.ts";
import { formatPointer } from "./json-pointer.ts";

/** The size of a JSON text, measured before it is parsed. */
interface JsonSize {
  /** Number of keys in all objects, duplicates included. */
  readonly keys: number;
  /** Number of keys, objects and arrays: what parsing costs, besides the bytes. */
  readonly nodes: number;
  /** Depth of the deepest object or array: 1 for `{"a": 1}`. */
  readonly depth: number;
  /** True if a key contains a backslash. */
  readonly hasEscapedKey: boolean;
}

const [QUOTE, COLON, BACKSLASH, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [
  34, 58, 92, 91, 93, 123, 125,
];

/** Deeper than any document of ours, and shallow enough for recursion. */
const MAX_JSON_DEPTH = 64;

/**
 * Measures JSON in one pass over its UTF-8 bytes, a quarter of the time of JSON.parse. The bytes need not be valid JSON. The pass ends at
 * the first value that exceeds a limit, which the result then shows.
 */
function measureJson(bytes: Uint8Array, maxNodes: number): JsonSize {
  const { length } = bytes;
  let keys = 0;
  let containers = 0;
  let open = 0;
  let depth = 0;
  let isEscaped = false;
  let hasEscapedKey = false;
  for (let at = 0; at < length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      isEscaped = false;
      for (at += 1; at < length; at++) {
        const inside = bytes[at]!;
        if (inside === QUOTE) break;
        if (inside === BACKSLASH) {
          at += 1;
          isEscaped = true;
        }
      }
    } else if (byte === COLON) {
      keys += 1;
      if (isEscaped) hasEscapedKey = true;
      if (keys + containers > maxNodes) break;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      open += 1;
      containers += 1;
      if (open > depth) depth = open;
      if (depth > MAX_JSON_DEPTH || keys + containers > maxNodes) break;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) open -= 1;
  }
  return { keys, nodes: keys + containers, depth, hasEscapedKey };
}

/** Twice the entries that it takes, a power of two. */
const TABLE_SIZE = 65_536;

/**
 * Returns true if the keys of JSON have more than `limit` spellings, by a hash of 32 bits. An unseen key costs twenty times as much as one
 * that earlier objects had.
 * @param limit at most half of TABLE_SIZE
 */
function hasMoreKeys(bytes: Uint8Array, limit: number): boolean {
  const table = new Int32Array(TABLE_SIZE);
  const { length } = bytes;
  let found = 0;
  let hash = 0;
  for (let at = 0; at < length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      hash = 0;
      for (at += 1; at < length; at++) {
        const inside = bytes[at]!;
        if (inside === QUOTE) break;
        hash = Math.imul(hash ^ inside, 0x01000193);
        if (inside === BACKSLASH) {
          at += 1;
          hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
        }
      }
      // Zero marks a free entry, and the low bits choose the entry.
      hash = (hash ^ (hash >>> 15)) | 0 || 1;
    } else if (byte === COLON) {
      let entry = hash & (TABLE_SIZE - 1);
      while (table[entry] !== 0 && table[entry] !== hash) entry = (entry + 1) & (TABLE_SIZE - 1);
      if (table[entry] === hash) continue;
      table[entry] = hash;
      found += 1;
      if (found > limit) return true;
    }
  }
  return false;
}

/**
 * Counts the keys of all objects in a parsed value. Fewer than `measureJson` counted in its text: a key stands twice. Recursive, so
 * the depth of the value must be bounded.
 */
function countKeys(value: unknown): number {
  let keys = 0;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === "object" && item !== null) keys += countKeys(item);
    }
  } else if (isJsonObject(value)) {
    // A third of the time of Object.values. Parsed objects inherit no enumerable keys.
    for (const key in value) {
      keys += 1;
      const item = value[key];
      if (typeof item === "object" && item !== null) keys += countKeys(item);
    }
  }
  return keys;
}

const SEPARATORS = " \n\r\t,:";
const BRACKETS = "[]{}";
const ENDS = `${SEPARATORS}${BRACKETS}`;

/**
 * Builds the value of JSON with escapes in its keys, which V8 may read as a key of an earlier text: after `{"x": 1, "\\": 2}` it takes
 * the second key of `{"x": 1, "\n": 2}` for a backslash, so one client could have the requests of others rejected
 * (nodejs/node issue 63785, in Node.js 24 and 26). Strings alone are not concerned. Recursive, so the depth must be bounded.
 * @param json valid JSON
 */
function buildValue(json: string): unknown {
  let at = 0;
  const next = (): string => {
    while (SEPARATORS.includes(json[at]!)) at += 1;
    const from = at;
    if (json[from] === '"') at = findStringEnd(json, from);
    else if (BRACKETS.includes(json[from]!)) at += 1;
    else while (at < json.length && !ENDS.includes(json[at]!)) at += 1;
    return json.slice(from, at);
  };
  const build = (token: string): unknown => {
    if (token === "[") {
      const items: unknown[] = [];
      for (let item = next(); item !== "]"; item = next()) items.push(build(item));
      return items;
    }
    if (token !== "{") return JSON.parse(token);
    const entries: [string, unknown][] = [];
    for (let key = next(); key !== "}"; key = next()) {
      entries.push([JSON.parse(key), build(next())]);
    }
    // Not by assignment, which would set the prototype for the key `__proto__`.
    return Object.fromEntries(entries);
  };
  return build(next());
}

/** Bound of the keys, objects and arrays of JSON: one for each 32 bytes that it may have. */
const BYTES_PER_NODE = 32;
const MAX_JSON_BYTES = 1_048_576;
const MIN_NODES = 1_024;
/** Largest number of different keys: twice the features that a model can have. */
const MAX_KEYS = 20_000;

/** Parsed JSON, or the reason why it is rejected although it may be valid. */
export type StrictJson =
  | { readonly value: unknown }
  | {
      /** A noun phrase: "duplicate fields". */
      readonly reason: string;
      readonly problems: readonly Problem[];
    };

/** Returns the largest number of keys, objects and arrays of JSON of at most `maxBytes` bytes. */
export function toMaxNodes(maxBytes: number): number {
  return Math.max(MIN_NODES, Math.floor(maxBytes / BYTES_PER_NODE));
}

/**
 * Parses JSON, and rejects what JSON.parse accepts at a cost to the caller: a key that stands twice in an object, of which the first
 * value would be lost, more than 64 nested levels, more than 20,000 different keys, and more keys, objects and arrays than one for
 * each 32 bytes of `maxBytes`. An array costs as much time as 100 bytes, so 16 MiB of `[]` would block the process for seconds.
 * @param bytes UTF-8
 * @param text the same bytes as a string
 * @param maxBytes the size that the caller accepts; default 1 MiB
 * @throws SyntaxError as JSON.parse
 */
export function parseStrictJson(
  bytes: Uint8Array,
  text: string,
  maxBytes = MAX_JSON_BYTES,
): StrictJson {
  const maxNodes = toMaxNodes(maxBytes);
  const { keys, nodes, depth, hasEscapedKey } = measureJson(bytes, maxNodes);
  if (depth > MAX_JSON_DEPTH) {
    const message = `Expected at most ${MAX_JSON_DEPTH} nested objects and arrays, got more.`;
    return { reason: "too many nested levels", problems: [{ at: "", message }] };
  }
  if (nodes > maxNodes) {
    const message = `Expected at most ${maxNodes} keys, objects and arrays, got more.`;
    return { reason: "too many values", problems: [{ at: "", message }] };
  }
  if (keys > MAX_KEYS && hasMoreKeys(bytes, MAX_KEYS)) {
    const message = `Expected at most ${MAX_KEYS} different keys, got more.`;
    return { reason: "too many different keys", problems: [{ at: "", message }] };
  }
  const parsed: unknown = JSON.parse(text);
  const value = hasEscapedKey ? buildValue(text) : parsed;
  if (countKeys(value) === keys) return { value };
  return { reason: "duplicate fields", problems: findDuplicateKeys(text) };
}

const MAX_PROBLEMS = 20;
/** A longer key is shortened in pointers. */
const MAX_SHOWN = 200;

/** An object or array around the current position. */
interface Level {
  /** The number of times that each key of an object stands in it; null for an array. */
  readonly counts: Map<string, number> | null;
  /** The key or index of the current value. */
  at: string | number;
}

/**
 * Finds keys that stand more than once in their object, of which JSON.parse keeps the last value without a word.
 * @param json valid JSON
 * @returns at most 20 problems, each at its JSON pointer
 */
export function findDuplicateKeys(json: string): Problem[] {
  const problems: Problem[] = [];
  const levels: Level[] = [];
  let isKey = false;
  for (let at = 0; at < json.length && problems.length < MAX_PROBLEMS; at++) {
    const level = levels.at(-1);
    switch (json[at]) {
      case '"': {
        const end = findStringEnd(json, at);
        if (isKey && level?.counts) {
          const key: string = JSON.parse(json.slice(at, end));
          level.counts.set(key, (level.counts.get(key) ?? 0) + 1);
          level.at = key;
          isKey = false;
        }
        at = end - 1;
        break;
      }
      case "{":
        levels.push({ counts: new Map(), at: "" });
        isKey = true;
        break;
      case "[":
        levels.push({ counts: null, at: 0 });
        isKey = false;
        break;
      case ",":
        if (typeof level?.at === "number") level.at += 1;
        else isKey = true;
        break;
      case "}":
      case "]":
        if (level?.counts) addDuplicates(level.counts, levels, problems);
        levels.pop();
        isKey = false;
        break;
    }
  }
  return problems.slice(0, MAX_PROBLEMS);
}

/** Returns the index after the closing quote of the string that begins at `from`. */
function findStringEnd(json: string, from: number): number {
  let at = from + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}

function addDuplicates(
  counts: ReadonlyMap<string, number>,
  levels: readonly Level[],
  problems: Problem[],
): void {
  for (const [key, count] of counts) {
    if (count === 1) continue;
    const path = [...levels.slice(0, -1).map(({ at }) => at), key];
    const message = `Expected 1 field of this name, got ${count}.`;
    problems.push({ at: formatPointer(path.map(shorten)), message });
  }
}

function shorten(key: string | number): string {
  const text = String(key);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
