import { Type } from "typebox";
import { MODEL_REFERENCE } from "./models.ts";

const VALUE = Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()]);

/** One row. `describeModels` replaces it with the features of a model. */
export const PREDICT_REQUEST = Type.Record(Type.String(), VALUE, {
  title: "Row",
  description: "A value for each feature; null only where the feature may be missing",
});

const BATCH_REQUEST = Type.Object(
  {
    instances: Type.Array(Type.Union([PREDICT_REQUEST, Type.Array(VALUE)]), {
      minItems: 1,
      description: "Rows: objects, or arrays in feature order",
    }),
  },
  { title: "Batch" },
);

const Bound = Type.Union([Type.Number(), Type.Null()]);

const CATEGORY_VALUE = Type.Union([Type.String(), Type.Number()]);

const WARNING = Type.Union(
  [
    Type.Object(
      {
        code: Type.Literal("out_of_range"),
        message: Type.String(),
        feature: Type.String(),
        value: Type.Number(),
        min: Bound,
        max: Bound,
      },
      {
        title: "OutOfRangeWarning",
        description: "The value is outside `min` to `max` of the training data",
      },
    ),
    Type.Object(
      {
        code: Type.Literal("out_of_distribution"),
        message: Type.String(),
        p_value: Type.Number({ minimum: 0, maximum: 1 }),
        alpha: Type.Number({ minimum: 0, maximum: 1 }),
      },
      { title: "OutOfDistributionWarning", description: "The p-value is at or below alpha" },
    ),
    Type.Object(
      { code: Type.Literal("missing_value"), message: Type.String(), feature: Type.String() },
      { title: "MissingValueWarning", description: "The value of a feature is missing" },
    ),
    Type.Object(
      {
        code: Type.Literal("unknown_category"),
        message: Type.String(),
        feature: Type.String(),
        value: CATEGORY_VALUE,
        nearest: Type.Array(CATEGORY_VALUE, { description: "The closest known categories" }),
      },
      {
        title: "UnknownCategoryWarning",
        description: "The value of a feature is not one of its categories",
      },
    ),
    Type.Object(
      { code: Type.Literal("unchecked"), message: Type.String() },
      {
        title: "UncheckedWarning",
        description: "The row was not compared with the training data",
      },
    ),
    Type.Object(
      { code: Type.Literal("unknown_field"), message: Type.String(), field: Type.String() },
      { title: "UnknownFieldWarning", description: "The model has no such feature" },
    ),
  ],
  { title: "Warning", description: "A reason to trust this prediction less" },
);

/** The warnings of a row. */
export const WARNINGS = Type.Array(WARNING);

/** A number of the model; null if it is not finite. */
export const SCORE = Type.Union([Type.Number(), Type.Null()]);

const P_VALUE = Type.Number({
  minimum: 0,
  maximum: 1,
  description: "Share of the training rows that are at least as unusual",
});
const IS_OUTLIER = Type.Boolean({ description: "True if p_value is at or below alpha" });

/** The trust verdict of a row that may have missing values. */
export const VERDICT = Type.Object(
  {
    p_value: Type.Union([P_VALUE, Type.Null()]),
    is_outlier: Type.Union([IS_OUTLIER, Type.Null()]),
  },
  {
    title: "TrustVerdict",
    description:
      "Comparison with the training data; both are null if the row was not checked, because a value is missing",
  },
);

/** The trust verdict of a row without missing values. */
export const CHECKED_VERDICT = Type.Object(
  { p_value: P_VALUE, is_outlier: IS_OUTLIER },
  { title: "CheckedTrustVerdict", description: "Comparison with the training data" },
);

export const CLASS_INDEX = Type.Integer({
  minimum: 0,
  description: "Index of the predicted class in the manifest's `classes`",
});

const PREDICTION = Type.Object(
  {
    prediction: Type.Union([SCORE, Type.Array(SCORE)], {
      description:
        "Classification: the class if the classes are numbers, otherwise its index. Regression: the value, or one for each target",
    }),
    label: Type.Optional(Type.String({ description: "Name of the predicted class" })),
    class_index: Type.Optional(CLASS_INDEX),
    probabilities: Type.Optional(
      Type.Record(Type.String(), SCORE, { description: "Probability of each class" }),
    ),
    warnings: WARNINGS,
    out_of_distribution: Type.Union([VERDICT, Type.Null()], {
      description: "Null if the model has no trust parameters",
    }),
  },
  { title: "Prediction", description: "A prediction and its trust verdict" },
);

export const REQUEST_ID = Type.String({ description: "The request's id, as in X-Request-Id" });

export const PREDICT_REPLY = Type.Object(
  { ...PREDICTION.properties, model: MODEL_REFERENCE, id: REQUEST_ID },
  { title: "PredictionReply", description: "The prediction and its trust verdict" },
);

export const BATCH_REPLY = Type.Object(
  { predictions: Type.Array(PREDICTION), model: MODEL_REFERENCE, id: REQUEST_ID },
  { title: "BatchReply", description: "The predictions, in the order of the instances" },
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
