/** A row of Iris within the training data. */
export const SAMPLE_ROW = {
  sepal_length: 5.9,
  sepal_width: 3,
  petal_length: 4.2,
  petal_width: 1.3,
} as const;
