import { TepalError, type Problem } from "../kernel/errors.ts";
import type { Feature } from "./tabular.ts";

/** More columns than any tabular model has, few enough that a hostile manifest costs nothing. */
export const MAX_FEATURES = 10_000;
const MAX_NAME_LENGTH = 200;
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_ .()%/+:-]*$/u;

/**
 * Says why a text cannot be a feature's name, or undefined when it can: letters, digits, `_ .()%/+:-`
 * and spaces, beginning with a letter, a digit or `_`, at most 200 characters. `__proto__` is not a
 * name, because code that copies parsed JSON treats it specially.
 */
export function findNameFault(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.length > MAX_NAME_LENGTH) return `is longer than ${MAX_NAME_LENGTH} characters`;
  if (name === "__proto__") return "is a name that JavaScript keeps for itself";
  if (name !== name.trim()) return "begins or ends with a space";
  if (!NAME.test(name)) return "may hold only letters, digits, spaces and _ . ( ) % / + : -";
  return undefined;
}

/**
 * Checks a list of features that came from outside: sane and distinct names, bounds in order.
 * @throws TepalError MODEL_DAMAGED with every problem
 */
export function checkFeatures(features: readonly Feature[], at: string): void {
  const problems: Problem[] = [];
  const seen = new Map<string, number>();
  features.forEach((feature, index) => {
    const where = `${at}/${index}`;
    const fault = findNameFault(feature.name);
    if (fault !== undefined) problems.push({ at: `${where}/name`, message: fault });
    const first = seen.get(feature.name);
    if (first !== undefined) {
      problems.push({ at: `${where}/name`, message: `is the same as that of feature ${first}` });
    }
    seen.set(feature.name, index);
    if (feature.min !== null && feature.max !== null && feature.min > feature.max) {
      problems.push({ at: where, message: `min ${feature.min} is above max ${feature.max}` });
    }
  });
  if (problems.length > 0) {
    const listed = problems.map((problem) => `${problem.at}: ${problem.message}`).join("; ");
    throw new TepalError("MODEL_DAMAGED", `The features are not usable: ${listed}`, { problems });
  }
}
