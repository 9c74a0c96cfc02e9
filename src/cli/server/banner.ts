import type { PublicRow } from "../../model/public-row.ts";
import type { ModelStatus } from "../../model/model.ts";
import { readVersion } from "../../version.ts";

/**
 * Formats the lines that `tepal up` prints once the server listens.
 * @param example body of a prediction request; undefined if no model is ready
 */
export function formatBanner(
  url: string,
  models: readonly ModelStatus[],
  example: PublicRow | undefined,
  hasMonitor: boolean,
): string {
  const serving = models.find((model) => model.isDefault && model.serving !== null);
  const state =
    serving === undefined
      ? "is running, but no model is ready: see /models"
      : `is serving ${serving.name} version ${serving.serving}`;
  const lines = [
    "",
    `  Tepal ${readVersion()} ${state}`,
    "",
    `  Console  ${url}/console`,
    `  Predict  ${url}/predict`,
    `  Docs     ${url}/docs`,
    `  Models   ${url}/models`,
    `  Metrics  ${url}/metrics`,
  ];
  if (hasMonitor) lines.push(`  PromQL   ${url}/prometheus/api/v1/query?query=up`);
  if (example !== undefined) {
    const body = JSON.stringify(example).replaceAll("'", String.raw`'\''`);
    lines.push(
      "",
      `  curl ${url}/predict -H 'Content-Type: application/json' \\`,
      `    -d '${body}'`,
    );
  }
  return `${[...lines, "", "  Press Ctrl-C to stop.", ""].join("\n")}\n`;
}
