import { Type } from "typebox";

/** One row; `describeModels` puts a model's own features in its place. */
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
  { description: "Why this prediction deserves less trust" },
);

const Score = Type.Union([Type.Number(), Type.Null()]);

const PREDICTION = {
  prediction: Type.Union([Score, Type.Array(Score)], {
    description: "Classification: index of the class. Regression: the value, or one per target",
  }),
  label: Type.Optional(Type.String({ description: "Name of the predicted class" })),
  probabilities: Type.Optional(
    Type.Record(Type.String(), Score, { description: "Probability of each class" }),
  ),
  warnings: Type.Array(WARNING),
  out_of_distribution: Type.Union(
    [
      Type.Object({
        p_value: Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
          description:
            "Share of the training rows that are at least as unusual; null when a value is missing",
        }),
        is_outlier: Type.Boolean({ description: "Whether p_value is at or below alpha" }),
      }),
      Type.Null(),
    ],
    { description: "How unlike the training data the row is; null when the model has no guard" },
  ),
};

const MODEL_AND_ID = {
  model: Type.Object({ name: Type.String(), version: Type.Integer() }),
  id: Type.String({ description: "The request's id, as in X-Request-Id" }),
};

export const PREDICT_REPLY = Type.Object(
  { ...PREDICTION, ...MODEL_AND_ID },
  { description: "The prediction, and how far it can be trusted" },
);

export const BATCH_REPLY = Type.Object(
  { predictions: Type.Array(Type.Object(PREDICTION)), ...MODEL_AND_ID },
  { description: "The predictions, in the order of the instances" },
);

export const STREAM_QUERY = Type.Object({
  on_bad_row: Type.Optional(
    Type.Union([Type.Literal("skip"), Type.Literal("stop")], {
      description:
        "Of a stream: whether a bad row has an error line and the stream goes on, or ends there. " +
        "Default: the server's --on-bad-row",
    }),
  ),
});

/** A batch's body: rows at once, or as a stream without end. */
export const BATCH_BODIES = {
  content: {
    "application/json": { schema: BATCH_REQUEST },
    "text/csv": {
      schema: Type.String({
        description:
          "A header with the features' names in any order, and rows; other columns are ignored",
      }),
    },
    "application/x-ndjson": {
      schema: Type.String({ description: "A row a line: an object, or an array in feature order" }),
    },
  },
};

/** What comes back: one reply, or a line for each row. */
export const BATCH_REPLIES = {
  description: "The predictions, in the order of the rows",
  content: {
    "application/json": { schema: BATCH_REPLY },
    "text/csv": {
      schema: Type.String({
        description:
          "Columns: line, prediction, for classes label and probabilities, p_value, is_outlier, warnings, error",
      }),
    },
    "application/x-ndjson": {
      schema: Type.String({
        description:
          'A line for each row: an object of `predictions`, or {"error": {"line", "code", "detail", "errors"}}',
      }),
    },
  },
};
