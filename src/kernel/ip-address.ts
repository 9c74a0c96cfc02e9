import { isIP } from "node:net";

/** A network of IP addresses; a single one is a network of full length. */
export interface Network {
  readonly address: string;
  readonly family: "ipv4" | "ipv6";
  /** Number of leading bits that its IP addresses share. */
  readonly prefix: number;
}

/** Parses an IP address, or a network in CIDR notation, for example 10.0.0.0/8; undefined for any other string. */
export function parseNetwork(text: string): Network | undefined {
  const [given = "", bits, ...more] = text.split("/");
  const address = normalizeIp(given);
  const version = isIP(address);
  if (version === 0 || more.length > 0) return undefined;
  const length = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? length : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity;
  if (prefix > length) return undefined;
  return { address, family: version === 4 ? "ipv4" : "ipv6", prefix };
}

/** Returns an IPv4 address that is mapped to IPv6 (`::ffff:10.0.0.1`, as a dual-stack socket reports it) as IPv4. */
export function normalizeIp(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? address;
}
