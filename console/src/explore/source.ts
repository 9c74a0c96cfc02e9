import type { Client } from "../prometheus/client.ts";

/** The server that replies to queries. */
export interface Source {
  /** For example "Built-in monitor", "Prometheus 2.42.0 at http://127.0.0.1:9090", or "Recording" in the lab. */
  readonly name: string;
  /** True if a query returns the cost of each node. */
  readonly hasTree: boolean;
}

interface Features {
  readonly tepal?: { readonly query_tree?: boolean };
}

const NAMES: ReadonlyMap<string, string> = new Map([["recording", "Recording"]]);

/** Finds out which server replies to queries. */
export async function readSource(client: Client, signal: AbortSignal): Promise<Source> {
  const [own, features, build] = await Promise.all([
    client.own("source", signal) as Promise<{ readonly kind: string; readonly url: string | null }>,
    // Versions before 3.6 have no such endpoint.
    client.data<Features>("features", {}, signal).catch((): Features => ({})),
    client
      .data<{ readonly version?: string }>("status/buildinfo", {}, signal)
      .catch((): { readonly version?: string } => ({})),
  ]);
  const name =
    own.kind === "prometheus"
      ? `Prometheus ${build.version ?? ""} at ${own.url ?? ""}`.replace("  ", " ")
      : (NAMES.get(own.kind) ?? "Built-in monitor");
  return { name, hasTree: features.tepal?.query_tree === true };
}
