import { Type } from "typebox";

/** One row. `describeModels` replaces it with the features of a model. */
export const PREDICT_REQUEST = Type.Record(
  Type.String(),
  Type.Union([Type.Number(), Type.Null()]),
  { description: "A number for each feature; null only where the feature may be missing" },
);

const BATCH_REQUEST = Type.Object({
  instances: Type.Array(
    Type.Union([PREDICT_REQUEST, Type.Array(Type.Union([Type.Number(), Type.Null()]))]),
    { minItems: 1, description: "Rows: objects, or arrays in feature order" },
  ),
});

const WARNING = Type.Object(
  {
    code: Type.Union([
      Type.Literal("out_of_range"),
      Type.Literal("out_of_distribution"),
      Type.Literal("missing_value"),
      Type.Literal("unchecked"),
      Type.Literal("unknown_field"),
    ]),
    message: Type.String(),
    feature: Type.Optional(Type.String()),
    field: Type.Optional(Type.String()),
    value: Type.Optional(Type.Number()),
    min: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    max: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    p_value: Type.Optional(Type.Number()),
    alpha: Type.Optional(Type.Number()),
  },
  { description: "A reason to trust this prediction less" },
);

const Score = Type.Union([Type.Number(), Type.Null()]);

const PREDICTION = {
  prediction: Type.Union([Score, Type.Array(Score)], {
    description:
      "Classification: the class if the classes are numbers, otherwise its index. Regression: the value, or one for each target",
  }),
  label: Type.Optional(Type.String({ description: "Name of the predicted class" })),
  class_index: Type.Optional(
    Type.Integer({ minimum: 0, description: "Index of the predicted class in the manifest" }),
  ),
  probabilities: Type.Optional(
    Type.Record(Type.String(), Score, { description: "Probability of each class" }),
  ),
  warnings: Type.Array(WARNING),
  out_of_distribution: Type.Union(
    [
      Type.Object({
        p_value: Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
          description:
            "Share of the training rows that are at least as unusual; null if the row was not checked, because a value is missing",
        }),
        is_outlier: Type.Union([Type.Boolean(), Type.Null()], {
          description: "True if p_value is at or below alpha; null if the row was not checked",
        }),
      }),
      Type.Null(),
    ],
    { description: "Comparison with the training data; null if the model has no trust parameters" },
  ),
};

const MODEL_AND_ID = {
  model: Type.Object({ name: Type.String(), version: Type.Integer() }),
  id: Type.String({ description: "The request's id, as in X-Request-Id" }),
};

export const PREDICT_REPLY = Type.Object(
  { ...PREDICTION, ...MODEL_AND_ID },
  { description: "The prediction and its trust verdict" },
);

export const BATCH_REPLY = Type.Object(
  { predictions: Type.Array(Type.Object(PREDICTION)), ...MODEL_AND_ID },
  { description: "The predictions, in the order of the instances" },
);

export const STREAM_QUERY = Type.Object({
  on_bad_row: Type.Optional(
    Type.Union([Type.Literal("skip"), Type.Literal("stop")], {
      description:
        "For streams. skip: a bad row gets an error line, and the stream continues. stop: the stream ends there. " +
        "Default: the server's --on-bad-row",
    }),
  ),
});

/** The body of a batch: a list of rows, or a stream of rows of any length. */
export const BATCH_BODIES = {
  content: {
    "application/json": { schema: BATCH_REQUEST },
    "text/csv": {
      schema: Type.String({
        description:
          "A header with the names of the features in any order, then rows; other columns are ignored",
      }),
    },
    "application/x-ndjson": {
      schema: Type.String({
        description: "One row per line: an object, or an array in feature order",
      }),
    },
  },
};

/** The reply to a batch: one object, or a line for each row of a stream. */
export const BATCH_REPLIES = {
  description: "The predictions, in the order of the rows",
  content: {
    "application/json": { schema: BATCH_REPLY },
    "text/csv": {
      schema: Type.String({
        description:
          "Columns: line, prediction, label, class_index and probabilities (classifiers), p_value, is_outlier, warnings, error",
      }),
    },
    "application/x-ndjson": {
      schema: Type.String({
        description:
          'One line per row: an object as in `predictions`, or {"error": {"line", "code", "detail", "errors"}}',
      }),
    },
  },
};
