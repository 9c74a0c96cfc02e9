import type { ModelStatus } from "../../model/registry.ts";
import { readVersion } from "../../version.ts";

/**
 * What `tepal up` prints once it listens.
 * @param example body of a prediction request; undefined when no model is ready
 */
export function formatBanner(
  address: string,
  models: readonly ModelStatus[],
  example: Readonly<Record<string, number | null>> | undefined,
  hasMonitor: boolean,
): string {
  const serving = models.find((model) => model.isDefault && model.serving !== null);
  const what =
    serving === undefined
      ? "runs, but no model is ready: see /models"
      : `serves ${serving.name} version ${serving.serving}`;
  const lines = [
    "",
    `  Tepal ${readVersion()} ${what}`,
    "",
    `  Predict  ${address}/predict`,
    `  Docs     ${address}/docs`,
    `  Models   ${address}/models`,
    `  Metrics  ${address}/metrics`,
  ];
  if (hasMonitor) lines.push(`  PromQL   ${address}/prometheus/api/v1/query?query=up`);
  if (example !== undefined) {
    const body = JSON.stringify(example).replaceAll("'", String.raw`'\''`);
    lines.push(
      "",
      `  curl ${address}/predict -H 'Content-Type: application/json' \\`,
      `    -d '${body}'`,
    );
  }
  return `${[...lines, "", "  Ctrl-C stops it.", ""].join("\n")}\n`;
}
