import { renderGrafana } from "./grafana/grafana.ts";
import { renderRules } from "./rules/rules.ts";

/** All files under deploy/ that are made from TypeScript: path from the repository's root → text. */
export function renderDeployment(): ReadonlyMap<string, string> {
  return new Map([...renderRules(), ...renderGrafana()]);
}
