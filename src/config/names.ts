/** How an option is called in each place; all follow from its name in TypeScript. */

/** maxBatchRows → max-batch-rows (written with two hyphens on the command line). */
export function toFlagName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** maxBatchRows → TEPAL_MAX_BATCH_ROWS */
export function toVariableName(name: string): string {
  return `TEPAL_${toFlagName(name).replaceAll("-", "_").toUpperCase()}`;
}
