import { Type } from "typebox";
import { MODEL_REFERENCE } from "./models.ts";
import { SCORE } from "./predict.ts";

/** Number of rows of a reply. */
export const REFERENCE_LIMIT = { maximum: 2_000, default: 500 } as const;
export const NEAREST_LIMIT = { maximum: 50, default: 5 } as const;

const toQuery = (limit: typeof REFERENCE_LIMIT | typeof NEAREST_LIMIT) =>
  Type.Object({
    limit: Type.Integer({ minimum: 1, ...limit, description: "Maximum number of rows" }),
  });

export const REFERENCE_QUERY = toQuery(REFERENCE_LIMIT);
export const NEAREST_QUERY = toQuery(NEAREST_LIMIT);

const VALUES = Type.Array(SCORE, {
  description: "Values in feature order; null for one that is not finite",
});
const PREDICTION = Type.Union([SCORE, Type.Array(SCORE)], {
  description: "What the model predicts for the row, as in a reply to a prediction",
});
const LABEL = Type.Optional(
  Type.String({ description: "Classification: name of the predicted class" }),
);

const COMMON = {
  model: MODEL_REFERENCE,
  kind: Type.Union(
    [Type.Literal("training_rows"), Type.Literal("class_means"), Type.Literal("none")],
    {
      description:
        "Rows of the training data; means of classes if the trust check keeps no rows; none for a model with categories, or without trust check",
    },
  ),
  total: Type.Integer({ minimum: 0, description: "Number of reference rows of the model" }),
};

export const REFERENCE_REPLY = Type.Object(
  {
    ...COMMON,
    features: Type.Array(Type.String(), { description: "Names of the values" }),
    rows: Type.Array(
      Type.Object(
        { values: VALUES, prediction: PREDICTION, label: LABEL },
        { title: "ReferenceRow" },
      ),
      { description: "Reference rows, or a sample of them" },
    ),
  },
  { title: "ReferenceRows", description: "Rows with which the trust check compares" },
);

export const NEAREST_REPLY = Type.Object(
  {
    ...COMMON,
    rows: Type.Array(
      Type.Object(
        {
          distance: Type.Number({
            minimum: 0,
            description:
              "Distance in units of the spread of rows of a class, as in the trust check",
          }),
          values: VALUES,
          prediction: PREDICTION,
          label: LABEL,
        },
        { title: "NearestRow" },
      ),
      { description: "The nearest first; empty if a value of the row is missing" },
    ),
  },
  { title: "NearestRows", description: "The reference rows nearest to a row" },
);
