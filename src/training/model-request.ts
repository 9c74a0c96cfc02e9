import { describeMismatch, toInputError } from "../kernel/check.ts";
import { createRandom } from "../kernel/random.ts";
import { MODEL_NAME } from "../model/manifest.ts";
import type { Rows } from "../tabular/tabular.ts";

/** @throws TepalError INVALID_OPTION */
export function checkModelName(name: string): void {
  if (MODEL_NAME.test(name)) return;
  const expected = '1 to 64 letters, digits, ".", "_" or "-", starting with a letter or digit';
  const message = describeMismatch(expected, name);
  throw toInputError("INVALID_OPTION", "option", [{ at: "name", message }]);
}

const GOLDEN_PAIRS = 32;

/** Returns the first row, which documentation shows, and random other ones. Row-major. */
export function pickGoldenRows(
  { values, count, width }: Rows,
  seed: number,
  pairs = GOLDEN_PAIRS,
): Float64Array {
  const others = Int32Array.from({ length: count - 1 }, (_, i) => i + 1);
  const drawn = createRandom(seed)
    .shuffle(others)
    .subarray(0, pairs - 1);
  const picked = [0, ...drawn.toSorted()];
  return Float64Array.from(
    picked.flatMap((row) => Array.from(values.subarray(row * width, (row + 1) * width))),
  );
}
