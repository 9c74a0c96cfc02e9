import type { Family } from "./metrics.ts";

/**
 * The part of the client library's registry that is used. Its types name only its own classes, but it accepts any object with these members
 * (it registers such objects itself when it aggregates a cluster).
 */
interface RegistryOfFamilies {
  registerMetric(metric: {
    readonly name?: string;
    readonly aggregator?: string;
    get(): Promise<object>;
    reset(): void;
  }): void;
}

/** Makes the client library render a family. */
export function registerFamily(registry: RegistryOfFamilies, family: Family): void {
  const { name, help, type } = family.declaration;
  const aggregator = "aggregator" in family.declaration ? family.declaration.aggregator : "sum";
  registry.registerMetric({
    name,
    aggregator,
    get: async () => ({ name, help, type, aggregator, values: family.samples() }),
    reset: () => family.reset(),
  });
}
