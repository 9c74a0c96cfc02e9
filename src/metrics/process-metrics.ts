import { Registry, collectDefaultMetrics } from "@prometheus-io/client";

let registry: Registry | undefined;

/**
 * The process's and Node.js's own metrics in the Prometheus text format. They are the same for all servers of
 * a process, and the client library's collectors run until it ends: so they are started once, when first asked for.
 */
export function renderProcessMetrics(): Promise<string> {
  if (registry === undefined) {
    registry = new Registry(Registry.PROMETHEUS_CONTENT_TYPE);
    collectDefaultMetrics({ register: registry });
  }
  return registry.metrics();
}
