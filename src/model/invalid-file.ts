import { formatProblem } from "../kernel/check.ts";
import { TepalError, type Problem } from "../kernel/errors.ts";

const MAX_PROBLEMS = 20;

/**
 * Creates the error for an invalid file of a model version.
 *
 * @param file name of the file, for example `manifest.json`
 * @param problems at least one; the first 20 are reported
 * @param advice the last sentence of the message
 */
export function toInvalidFile(
  file: string,
  problems: readonly Problem[],
  cause?: unknown,
  advice = "Restore the model from a copy, or train it again.",
): TepalError {
  const reported = problems.slice(0, MAX_PROBLEMS);
  const listed = reported.map(formatProblem).join(" ");
  return new TepalError("MODEL_DAMAGED", `Invalid ${file}: ${listed} ${advice}`, {
    problems: reported,
    cause,
  });
}
