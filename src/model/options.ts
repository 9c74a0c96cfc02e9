import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";

export const MODEL_OPTIONS = {
  models: {
    type: "string",
    placeholder: "DIR",
    default: "models",
    help: "Folder that holds the models, one folder each, with a numbered folder for each version",
  },
  model: {
    type: "optional string",
    placeholder: "NAME",
    default: null,
    help: "Model that answers /predict; without it the first by name",
  },
  loadVersions: {
    type: "integer",
    default: 3,
    min: 1,
    max: 1_000,
    help: "How many versions of each model are loaded, counted from the newest",
  },
} as const satisfies OptionDeclarations;

export type ModelOptions = OptionValues<typeof MODEL_OPTIONS>;
