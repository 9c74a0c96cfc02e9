import { forEachPosition, toRowShape, toStrides, toWidth } from "../graph-values.ts";
import type { Groups } from "../pipeline.ts";

/** Lists, for each combination of the other dimensions, the numbers along some axes, in row-major order. */
export function toGroups(shape: readonly number[], axes: readonly number[]): Groups {
  const sizes = toRowShape(shape);
  const strides = toStrides(sizes);
  const inner = sizes.filter((_, axis) => axes.includes(axis));
  const size = toWidth(inner);
  const index = new Int32Array(toWidth(sizes));
  const outerSizes = sizes.map((each, axis) => (axes.includes(axis) ? 1 : each));
  const outerStrides = toStrides(outerSizes);
  const innerStrides = toStrides(sizes.map((each, axis) => (axes.includes(axis) ? each : 1)));
  forEachPosition(sizes, (position) => {
    let group = 0;
    let place = 0;
    let at = 0;
    for (const [axis, each] of position.entries()) {
      at += each * strides[axis]!;
      if (axes.includes(axis)) place += each * innerStrides[axis]!;
      else group += each * outerStrides[axis]!;
    }
    index[group * size + place] = at;
  });
  return { index, size };
}
