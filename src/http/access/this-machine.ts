import { isIP } from "node:net";
import { normalizeIp } from "../../kernel/ip-address.ts";
import type { RequestHead } from "../request-head.ts";

/** Headers in which a proxy names the client. */
const FORWARDING = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/**
 * True for a request of a client on this machine to one of its loopback names. A request that a reverse proxy forwards for a client
 * elsewhere has another name, or a header that names the client.
 */
export function isOnThisMachine({
  headers,
  socket,
}: Pick<RequestHead, "headers" | "socket">): boolean {
  if (FORWARDING.some((name) => headers[name] !== undefined)) return false;
  const name = /^\[?([^\]]*?)\]?(?::\d+)?$/.exec(headers.host ?? "")?.[1] ?? "";
  return isLoopback(socket.remoteAddress ?? "") && (name === "localhost" || isLoopback(name));
}

function isLoopback(address: string): boolean {
  const ip = normalizeIp(address);
  return ip === "::1" || (isIP(ip) === 4 && ip.startsWith("127."));
}
