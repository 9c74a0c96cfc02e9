import { hasNoValue } from "./decode-row.ts";
import { createFeatureCodec } from "./feature-codec.ts";
import { MAX_EXACT_DIGITS, POWERS } from "./plain-number.ts";
import type { Feature } from "./tabular.ts";

/**
 * Reads rows from the bytes of JSON, without parsed objects. It takes rows in the forms that programs write: complete, with known
 * categories, and with any white space that JSON allows. It leaves all other rows, valid or not, to `JSON.parse` and `RowCodec`, which
 * describe problems. Both ways give the same bits.
 */
export interface JsonRowReader {
  /**
   * Reads the row that begins at `bytes[at]`, an object or an array in feature order, into `target[offset] …`.
   * @returns the index after the row; `NOT_TAKEN` for a row that it leaves to others
   */
  read(bytes: Buffer, at: number, target: Float64Array, offset: number): number;
  /** Count of numbers in the last row with an exponent or more than 15 digits, for which JSON.parse is faster. */
  readonly longNumbers: number;
}

/** Returned instead of an index in the bytes. */
export const NOT_TAKEN = -1;

const [TAB, LF, CR, SPACE, QUOTE, PLUS, COMMA, MINUS, POINT, ZERO, NINE, COLON] = [
  9, 10, 13, 32, 34, 43, 44, 45, 46, 48, 57, 58,
];
const [UPPER_E, OPEN_ARRAY, CLOSE_ARRAY, LOWER_E, OPEN_OBJECT, CLOSE_OBJECT] = [
  69, 91, 93, 101, 123, 125,
];
const NULL = Buffer.from("null");
const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");

/** @param missing the strings that stand for a missing value of a category, in lower case */
export function createJsonRowReader(
  features: readonly Feature[],
  missing?: ReadonlySet<string>,
): JsonRowReader {
  const width = features.length;
  const nullable = features.map((feature) => feature.nullable);
  const mayBeEmpty = nullable.every(Boolean);
  const codecs = features.map((feature) => createFeatureCodec(feature, missing));
  const limits = Float64Array.from(codecs, ({ limit }) => limit);
  const keys = features.map(({ name }) => Buffer.from(JSON.stringify(name)));
  const findKey = createKeyFinder(keys);
  /** The strings of each feature that is a category of strings. */
  const words = features.map(({ categories = [] }) =>
    categories
      .filter(({ value }) => typeof value === "string")
      .map(({ value }) => Buffer.from(JSON.stringify(value))),
  );
  const findWord = words.map(createWordFinder);
  /** The values read so far. */
  const row = new Float64Array(width);
  let longNumbers = 0;

  function readArray(bytes: Buffer, from: number): number {
    let at = from;
    for (let feature = 0; feature < width; feature++) {
      at = readValue(bytes, skipBlanks(bytes, at + 1), feature);
      if (at === NOT_TAKEN) return NOT_TAKEN;
      at = skipBlanks(bytes, at);
      if (bytes[at] !== (feature === width - 1 ? CLOSE_ARRAY : COMMA)) return NOT_TAKEN;
    }
    return at + 1;
  }

  function readObject(bytes: Buffer, from: number): number {
    let at = from;
    for (let field = 0; field < width; field++) {
      at = skipBlanks(bytes, at + 1);
      const feature = findKey(bytes, at, field);
      if (feature === NOT_TAKEN) return NOT_TAKEN;
      at = skipBlanks(bytes, at + keys[feature]!.length);
      if (bytes[at] !== COLON) return NOT_TAKEN;
      at = readValue(bytes, skipBlanks(bytes, at + 1), feature);
      if (at === NOT_TAKEN) return NOT_TAKEN;
      at = skipBlanks(bytes, at);
      if (bytes[at] !== (field === width - 1 ? CLOSE_OBJECT : COMMA)) return NOT_TAKEN;
    }
    return at + 1;
  }

  /** Reads the value of a feature into `row`. @returns the index after it, or `NOT_TAKEN` */
  function readValue(bytes: Buffer, from: number, feature: number): number {
    let at = from;
    let byte = bytes[at]!;
    const isNegative = byte === MINUS;
    if (isNegative) byte = bytes[++at]!;
    const first = at;
    let mantissa = 0;
    while (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + byte - ZERO;
      byte = bytes[++at]!;
    }
    let digits = at - first;
    if (digits === 0) return readWord(bytes, from, feature);
    if (digits > 1 && bytes[first] === ZERO) return NOT_TAKEN;
    let decimals = 0;
    if (byte === POINT) {
      byte = bytes[++at]!;
      const point = at;
      while (byte >= ZERO && byte <= NINE) {
        mantissa = mantissa * 10 + byte - ZERO;
        byte = bytes[++at]!;
      }
      decimals = at - point;
      if (decimals === 0) return NOT_TAKEN;
      digits += decimals;
    }
    let isExact = digits <= MAX_EXACT_DIGITS;
    if (byte === LOWER_E || byte === UPPER_E) {
      isExact = false;
      byte = bytes[++at]!;
      if (byte === PLUS || byte === MINUS) byte = bytes[++at]!;
      const exponent = at;
      while (byte >= ZERO && byte <= NINE) byte = bytes[++at]!;
      if (at === exponent) return NOT_TAKEN;
    }
    if (!isExact) {
      longNumbers += 1;
      const value = Number(bytes.toString("latin1", from, at));
      return takeNumber(value, feature) ? at : NOT_TAKEN;
    }
    const size = mantissa / POWERS[decimals]!;
    return takeNumber(isNegative ? -size : size, feature) ? at : NOT_TAKEN;
  }

  /** Reads a string, null, true or false. */
  function readWord(bytes: Buffer, from: number, feature: number): number {
    if (bytes[from] === QUOTE) {
      const category = findWord[feature]!(bytes, from);
      if (category === NOT_TAKEN) return NOT_TAKEN;
      row[feature] = category;
      return from + words[feature]![category]!.length;
    }
    if (startsWith(bytes, from, NULL)) {
      if (nullable[feature] !== true) return NOT_TAKEN;
      row[feature] = Number.NaN;
      return from + NULL.length;
    }
    for (const word of [TRUE, FALSE]) {
      if (!startsWith(bytes, from, word)) continue;
      return takeValue(word === TRUE, feature) ? from + word.length : NOT_TAKEN;
    }
    return NOT_TAKEN;
  }

  function takeNumber(value: number, feature: number): boolean {
    const limit = limits[feature]!;
    if (!(value >= -limit && value <= limit)) return takeValue(value, feature);
    row[feature] = value;
    return true;
  }

  /** Returns false for an invalid value, and for an unknown category, which needs a warning. */
  function takeValue(value: number | boolean, feature: number): boolean {
    const codec = codecs[feature]!;
    const number = codec.fromJson(value);
    if (number === undefined || number === codec.unknown) return false;
    row[feature] = number;
    return true;
  }

  return {
    get longNumbers() {
      return longNumbers;
    },
    read(bytes, at, target, offset) {
      longNumbers = 0;
      const byte = bytes[at];
      let end = NOT_TAKEN;
      if (byte === OPEN_ARRAY) end = readArray(bytes, at);
      else if (byte === OPEN_OBJECT) end = readObject(bytes, at);
      if (end === NOT_TAKEN || (mayBeEmpty && hasNoValue(row, 0, width))) return NOT_TAKEN;
      for (let i = 0; i < width; i++) target[offset + i] = row[i]!;
      return end;
    },
  };
}

/**
 * Creates the function that finds the feature of the key at `bytes[at]`, which is field number `field` of its object: `NOT_TAKEN` for an
 * unknown or a duplicate key. It expects the order of the previous object, so that most keys need one comparison.
 */
function createKeyFinder(
  keys: readonly Buffer[],
): (bytes: Buffer, at: number, field: number) => number {
  const find = createWordFinder(keys);
  /** The expected order: a permutation of the features, so that the fields before `field` have features of their own. */
  const featureOf = Int32Array.from(keys.keys());
  const fieldOf = featureOf.slice();
  return (bytes, at, field) => {
    const expected = featureOf[field]!;
    if (startsWith(bytes, at, keys[expected]!)) return expected;
    const feature = find(bytes, at);
    if (feature === NOT_TAKEN || fieldOf[feature]! < field) return NOT_TAKEN;
    const usual = fieldOf[feature]!;
    featureOf[field] = feature;
    fieldOf[feature] = field;
    featureOf[usual] = expected;
    fieldOf[expected] = usual;
    return feature;
  };
}

/**
 * Creates the function that finds the string at `bytes[at]` among words, by a hash: its index, or `NOT_TAKEN`.
 * @param words distinct strings as `JSON.stringify` writes them
 */
function createWordFinder(words: readonly Buffer[]): (bytes: Buffer, at: number) => number {
  const longest = Math.max(0, ...words.map(({ length }) => length));
  const mask = 2 ** Math.ceil(Math.log2(2 * words.length + 1)) - 1;
  const table = new Int32Array(mask + 1).fill(NOT_TAKEN);

  /** Hashes the bytes up to the next quote. */
  function hash(bytes: Buffer, at: number): number {
    let code = 0;
    for (let i = at + 1; i < at + longest && bytes[i] !== QUOTE; i++) {
      code = Math.imul(code ^ bytes[i]!, 0x01000193);
    }
    return (code ^ (code >>> 15)) & mask;
  }

  for (const [index, word] of words.entries()) {
    let entry = hash(word, 0);
    while (table[entry] !== NOT_TAKEN) entry = (entry + 1) & mask;
    table[entry] = index;
  }
  return (bytes, at) => {
    let entry = hash(bytes, at);
    for (;;) {
      const index = table[entry]!;
      if (index === NOT_TAKEN || startsWith(bytes, at, words[index]!)) return index;
      entry = (entry + 1) & mask;
    }
  };
}

/** Returns the index of the first byte that is not white space. */
export function skipBlanks(bytes: Buffer, from: number): number {
  let at = from;
  while (isBlank(bytes[at]!)) at += 1;
  return at;
}

/** True for the white space of JSON. */
export function isBlank(byte: number): boolean {
  return byte <= SPACE && (byte === SPACE || byte === LF || byte === CR || byte === TAB);
}

export function startsWith(bytes: Buffer, at: number, word: Buffer): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}
