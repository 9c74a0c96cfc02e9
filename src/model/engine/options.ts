import type { OptionDeclarations, OptionValues } from "../../kernel/options.ts";

/** Options of models that onnxruntime computes. */
export const ENGINE_OPTIONS = {
  engineTimeout: {
    type: "number",
    default: 10,
    min: 0.1,
    max: 3_600,
    help: "Seconds that a request may take in onnxruntime, and wait for it",
  },
  engineMemory: {
    type: "integer",
    default: 2_048,
    min: 128,
    max: 1_048_576,
    help: "MiB of memory that each process of onnxruntime may take",
  },
} as const satisfies OptionDeclarations;

export type EngineOptions = OptionValues<typeof ENGINE_OPTIONS>;

/** The options by default. */
export const DEFAULT_ENGINE: EngineOptions = {
  engineTimeout: ENGINE_OPTIONS.engineTimeout.default,
  engineMemory: ENGINE_OPTIONS.engineMemory.default,
};
