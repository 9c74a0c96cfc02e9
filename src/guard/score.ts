/**
 * Returns the distance of the row at `values[offset]` from the training data: 0 … +Infinity, larger is further out. The
 * row has no NaN. Allocates nothing.
 */
export type Score = (values: Float64Array, offset: number) => number;
