/** The names of an option, which follow from its name in TypeScript. */

/** Converts maxBatchRows to max-batch-rows, which a command line writes as --max-batch-rows. */
export function toFlagName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Converts maxBatchRows to TEPAL_MAX_BATCH_ROWS. */
export function toVariableName(name: string): string {
  return `TEPAL_${toFlagName(name).replaceAll("-", "_").toUpperCase()}`;
}
