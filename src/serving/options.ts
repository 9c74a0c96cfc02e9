import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";

export const SERVING_OPTIONS = {
  maxBatchRows: {
    type: "integer",
    default: 10_000,
    min: 1,
    max: 1_000_000,
    help: "Most rows that one batch request may hold",
  },
  oodAlpha: {
    type: "number",
    default: 0.01,
    min: 0,
    max: 1,
    exclusive: true,
    help: "Rows with a p-value at or below this are flagged as out of distribution; on average this share of ordinary rows is",
  },
  oodPolicy: {
    type: "choice",
    choices: ["warn", "reject"],
    default: "warn",
    help: "What happens to a row that the p-value flags: predicted with a warning, or refused with status 422",
  },
} as const satisfies OptionDeclarations;

export type ServingOptions = OptionValues<typeof SERVING_OPTIONS>;
