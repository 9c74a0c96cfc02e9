import { toMaxNodes } from "../../kernel/json-text.ts";
import {
  createJsonRowReader,
  isBlank,
  NOT_TAKEN,
  skipBlanks,
  startsWith,
} from "../../tabular/json-row.ts";
import type { Feature } from "../../tabular/tabular.ts";

/**
 * Decodes the bytes of a JSON body into rows of numbers. It decodes bodies in the forms that programs write, and leaves all others, valid
 * or not, to `parseStrictJson` and `BodyDecoder`. Both ways give the same bits. It also leaves them batches of numbers with 16 digits or
 * more, for which JSON.parse is faster.
 */
export interface BytesDecoder {
  /**
   * Decodes `{"feature": value, …}` into the start of `values`.
   * @param limit as in `parseStrictJson`
   * @returns false for a body that it leaves to others
   */
  decodeRow(body: Buffer, limit: number, values: Float64Array): boolean;
  /**
   * Decodes `{"instances": [row, …]}`, as `BodyDecoder.decodeInstances`.
   * @param limit as in `parseStrictJson`
   * @returns the number of rows; 0 for a body that it leaves to others
   */
  decodeBatch(body: Buffer, limit: number, reserve: (rows: number) => Float64Array): number;
}

const [COMMA, COLON, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [
  44, 58, 91, 93, 123, 125,
];
const INSTANCES = Buffer.from('"instances"');

/** @param missing the strings that stand for a missing value of a category, in lower case */
export function createBytesDecoder(
  features: readonly Feature[],
  maxRows: number,
  missing?: ReadonlySet<string>,
): BytesDecoder {
  const reader = createJsonRowReader(features, missing);
  const width = features.length;

  return {
    decodeRow(body, limit, values) {
      const end = findObjectEnd(body);
      const begin = skipBlanks(body, 0);
      if (end === NOT_TAKEN || body[begin] !== OPEN_OBJECT || 1 + width > toMaxNodes(limit)) {
        return false;
      }
      return reader.read(body, begin, values, 0) === end;
    },

    decodeBatch(body, limit, reserve) {
      const end = findObjectEnd(body);
      let at = end === NOT_TAKEN ? NOT_TAKEN : findFirstRow(body);
      if (at === NOT_TAKEN) return 0;
      const maxNodes = toMaxNodes(limit);
      // The body, its key and the list.
      let nodes = 3;
      for (let row = 0; row < maxRows; row++) {
        nodes += body[at] === OPEN_OBJECT ? 1 + width : 1;
        if (nodes > maxNodes) return 0;
        at = reader.read(body, at, reserve(row + 1), row * width);
        if (at === NOT_TAKEN || (row === 0 && 3 * reader.longNumbers > width)) return 0;
        at = skipBlanks(body, at);
        if (body[at] === CLOSE_ARRAY) {
          at = skipBlanks(body, at + 1);
          return body[at] === CLOSE_OBJECT && at + 1 === end ? row + 1 : 0;
        }
        if (body[at] !== COMMA) return 0;
        at = skipBlanks(body, at + 1);
      }
      return 0;
    },
  };
}

/**
 * Returns the index after the `}` that ends a body, apart from white space; `NOT_TAKEN` for a body without it. So no loop reads beyond the
 * end of a truncated body, which would slow down all later reads.
 */
function findObjectEnd(body: Buffer): number {
  let end = body.length;
  while (end > 0 && isBlank(body[end - 1]!)) end -= 1;
  return end > 0 && body[end - 1] === CLOSE_OBJECT ? end : NOT_TAKEN;
}

/** Returns the index of the first row of `{"instances": [row, …]}`; `NOT_TAKEN` if the body begins with anything else. */
function findFirstRow(body: Buffer): number {
  let at = skipBlanks(body, 0);
  if (body[at] !== OPEN_OBJECT) return NOT_TAKEN;
  at = skipBlanks(body, at + 1);
  if (!startsWith(body, at, INSTANCES)) return NOT_TAKEN;
  at = skipBlanks(body, at + INSTANCES.length);
  if (body[at] !== COLON) return NOT_TAKEN;
  at = skipBlanks(body, at + 1);
  return body[at] === OPEN_ARRAY ? skipBlanks(body, at + 1) : NOT_TAKEN;
}
