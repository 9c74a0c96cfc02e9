import { DEFAULT_FILE } from "./default-record.ts";

/** The model that answers requests that name no model. */
export interface DefaultModel {
  /** Undefined when no model is loaded. */
  readonly name: string | undefined;
  /** True if nothing selects it: several models could be meant. */
  readonly isGuess: boolean;
  /** Advice for the user; null for an undisputed default. */
  readonly notice: string | null;
}

export interface DefaultSources {
  /** The model in `--default-model`. */
  readonly configured: string | null;
  /** The model in default.json. */
  readonly recorded: string | undefined;
  /** The default until now, in this process. */
  readonly before: string | undefined;
  /** All models by name, ascending. */
  readonly models: ReadonlyMap<string, { readonly serving: unknown }>;
}

/**
 * Selects the configured model. Else the recorded one; while that cannot serve, the default until now; if it does not exist, the only
 * model. Without a record, the default until now, and at the start the first model by name that can serve.
 */
export function selectDefault({
  configured,
  recorded,
  before,
  models,
}: DefaultSources): DefaultModel {
  const names = [...models.keys()];
  const canServe = (name: string): boolean => models.get(name)?.serving !== undefined;
  const describeMissing = (name: string, source: string): string => {
    const state = models.has(name) ? "cannot serve" : "does not exist";
    return `The default model ${JSON.stringify(name)} (${source}) ${state}.`;
  };

  if (configured !== null) {
    const notice = canServe(configured) ? null : describeMissing(configured, "--default-model");
    return { name: configured, isGuess: false, notice };
  }
  const current = before !== undefined && canServe(before) ? before : undefined;
  if (recorded !== undefined) {
    if (canServe(recorded)) return { name: recorded, isGuess: false, notice: null };
    const missing = describeMissing(recorded, DEFAULT_FILE);
    const only = !models.has(recorded) && names.length === 1 ? names[0] : undefined;
    const substitute = current ?? only;
    if (substitute === undefined) {
      return { name: recorded, isGuess: false, notice: `${missing} ${describeChoice(names)}` };
    }
    const notice = `${missing} ${substitute} answers /predict. ${describeChoice(names)}`;
    return { name: substitute, isGuess: false, notice };
  }
  if (current !== undefined) return { name: current, isGuess: false, notice: null };
  const name = names.find(canServe) ?? before;
  if (name === undefined || names.length < 2) return { name, isGuess: false, notice: null };
  const notice = `The default model is ambiguous: ${name}, the first by name, answers /predict. ${describeChoice(names)}`;
  return { name, isGuess: true, notice };
}

function describeChoice(names: readonly string[]): string {
  return (
    `Models: ${names.join(", ") || "none"}. ` +
    `Choose one with --default-model NAME, or write {"model": "NAME"} to ${DEFAULT_FILE} in the models folder.`
  );
}
