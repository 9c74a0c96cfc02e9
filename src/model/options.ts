import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { ENGINE_OPTIONS } from "./engine/options.ts";

export const MODEL_OPTIONS = {
  models: {
    type: "string",
    placeholder: "DIR",
    default: "models",
    help: "Folder of the models: NAME/VERSION, for example iris/1",
  },
  defaultModel: {
    type: "optional string",
    placeholder: "NAME",
    default: null,
    help: "Model that answers /predict (default: as recorded in default.json)",
  },
  loadVersions: {
    type: "integer",
    default: 3,
    min: 1,
    max: 1_000,
    help: "Number of versions of each model to load, newest loadable first",
  },
  ...ENGINE_OPTIONS,
} as const satisfies OptionDeclarations;

export type ModelOptions = OptionValues<typeof MODEL_OPTIONS>;
