import { buildConnector, Client } from "undici";
import type { HttpOptions } from "./http-options.ts";

/** Shorter than the timeouts of servers, so that no request uses a connection that its server is about to close. */
const KEEP_ALIVE_MS = 4_000;

/** Opens one connection for each user. Users share TLS sessions, as the windows of a browser do. */
export function createConnector({
  timeoutSeconds,
  ca,
  verify,
}: HttpOptions): (origin: string) => Client {
  const timeoutMs = Math.max(1, Math.ceil(timeoutSeconds * 1_000));
  const connect = buildConnector({
    timeout: timeoutMs,
    allowH2: false,
    rejectUnauthorized: verify,
    ...(ca === null ? {} : { ca }),
  });
  return (origin) =>
    new Client(origin, {
      connect,
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // The user enforces timeouts: undici's timers are coarse and restart with each part of a body.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
}
