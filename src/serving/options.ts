import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";

export const SERVING_OPTIONS = {
  maxBatchRows: {
    type: "integer",
    default: 10_000,
    min: 1,
    max: 1_000_000,
    help: "Maximum number of rows of a JSON batch",
  },
  oodAlpha: {
    type: "number",
    default: 0.01,
    min: 0,
    max: 1,
    exclusive: true,
    help: "p-value at or below which a row is flagged",
  },
  oodPolicy: {
    type: "choice",
    choices: ["warn", "reject"],
    default: "warn",
    help: "Predict flagged rows with a warning, or reject them with status 422",
  },
  uncheckedPolicy: {
    type: "choice",
    choices: ["accept", "flag", "reject"],
    default: "flag",
    help: "Rows that cannot be checked: accept, reject, or apply --ood-policy (flag)",
  },
  categoryPolicy: {
    type: "choice",
    choices: ["warn", "reject"],
    default: "warn",
    help: "Predict rows with an unknown category with a warning, or reject them",
  },
  missingPolicy: {
    type: "choice",
    choices: ["warn", "reject"],
    default: "reject",
    help: "Missing values where training had none: predict with a warning, or reject",
  },
} as const satisfies OptionDeclarations;

export type ServingOptions = OptionValues<typeof SERVING_OPTIONS>;
