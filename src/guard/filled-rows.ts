import type { FilledCells } from "./compile-guard.ts";
import type { RowEncoding } from "./encoding.ts";
import type { ReferenceRows } from "./guard.ts";
import type { KnnIndex } from "./knn-index.ts";
import { findNearestRows } from "./reference-rows.ts";
import { whiten, type Whitening } from "./whitening.ts";

/** Creates a view of reference rows with categories or missing values. It has scratch space of its own. */
export function createFilledRows(
  whitening: Whitening,
  index: KnnIndex,
  encoding: RowEncoding,
  { values: cells, filled }: FilledCells,
): ReferenceRows {
  const { width } = whitening;
  const features = encoding.columns.length - 1;
  const encoded = new Float64Array(width);
  const whitened = new Float64Array(width);
  const centred = new Float64Array(width);
  return {
    kind: "training_rows",
    count: index.order.length,
    read(row) {
      const start = index.order[row]! * features;
      return Array.from(cells.subarray(start, start + features), (value, f) =>
        filled[start + f] === 1 ? Number.NaN : value,
      );
    },
    findNearest(values, offset, limit) {
      encoding.encode(values, offset, encoded, 0);
      whiten(whitening, encoded, 0, whitened, 0, centred);
      const target = Float64Array.from(index.axes, (axis) => whitened[axis]!);
      return findNearestRows(index.rows, target, limit);
    },
  };
}
