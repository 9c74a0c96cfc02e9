import { buildConnector, Client } from "undici";
import type { HttpOptions } from "./http-options.ts";

/** Below a browser's, and below what servers keep: one that the server is about to close is not used any more. */
const KEEP_ALIVE_MS = 4_000;

/** Opens connections for users, one each. TLS sessions are shared, as those of a browser's windows are. */
export function createConnector({
  timeoutSeconds,
  ca,
  verify,
}: HttpOptions): (host: string) => Client {
  const timeoutMs = Math.max(1, Math.ceil(timeoutSeconds * 1_000));
  const connect = buildConnector({
    timeout: timeoutMs,
    allowH2: false,
    rejectUnauthorized: verify,
    ...(ca === null ? {} : { ca }),
  });
  return (host) =>
    new Client(host, {
      connect,
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // A request's time is the user's to watch: undici's timers are coarse, and begin anew with each piece of a body.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
}
