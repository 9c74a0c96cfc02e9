import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { normalizeIp, parseNetwork } from "../../kernel/ip-address.ts";

/** Returns the IP address of a request's client. */
export type FindClientAddress = (request: Pick<IncomingMessage, "headers" | "socket">) => string;

/**
 * Creates a function that returns the IP address of a client: that of its connection, or behind trusted proxies the last one
 * in `X-Forwarded-For` that is not theirs. Each proxy appends the IP address of its client, so entries before that one are claims of the
 * client itself. The header counts on connections from trusted proxies only.
 *
 * @param trustProxy IP addresses and networks (`--trust-proxy`)
 */
export function createClientAddress(trustProxy: readonly string[]): FindClientAddress {
  if (trustProxy.length === 0) return ({ socket }) => socket.remoteAddress ?? "";
  const trusted = new BlockList();
  for (const text of trustProxy) {
    const network = parseNetwork(text);
    if (network !== undefined) trusted.addSubnet(network.address, network.prefix, network.family);
  }
  const isTrusted = (address: string): boolean => {
    const version = isIP(address);
    return version !== 0 && trusted.check(address, version === 4 ? "ipv4" : "ipv6");
  };

  return ({ headers, socket }) => {
    let client = normalizeIp(socket.remoteAddress ?? "");
    const forwarded = headers["x-forwarded-for"];
    // Node joins the values of several headers with commas.
    const hops = typeof forwarded === "string" ? forwarded.split(",") : [];
    while (isTrusted(client)) {
      const address = parseHop(hops.pop() ?? "");
      // The trusted proxy does not know its client, or there is none before it.
      if (address === undefined) break;
      client = address;
    }
    return client;
  };
}

/** Parses an entry of X-Forwarded-For, which may have a port: `1.2.3.4:80`, `[::1]:80`. */
function parseHop(text: string): string | undefined {
  const trimmed = text.trim();
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(trimmed)?.[1] ?? trimmed;
  const address = normalizeIp(/^([\d.]+):\d+$/.exec(bare)?.[1] ?? bare);
  return isIP(address) === 0 ? undefined : address;
}
