import { renderGrafana } from "./grafana/grafana.ts";

/** Every file of `deploy/` that follows from the code: path from the root of the project → text. */
export function renderDeployment(): ReadonlyMap<string, string> {
  return renderGrafana();
}
