import { renderGrafana } from "./grafana/grafana.ts";
import { renderRules } from "./rules.ts";

/** Renders all files under deploy/ that are generated from TypeScript. @returns content by path from the repository root */
export function renderDeployment(): ReadonlyMap<string, string> {
  return new Map([...renderRules(), ...renderGrafana()]);
}
