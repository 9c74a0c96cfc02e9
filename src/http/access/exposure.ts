import type { FastifyBaseLogger } from "fastify";
import type { HttpOptions } from "../options.ts";

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/** Returns true if only clients on this machine reach a host. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host);
}

/** Warns if clients on other machines can reach the server without a key, or send their keys unencrypted. */
export function warnAboutExposure(
  { host, apiKeysFile, tlsCert }: Pick<HttpOptions, "host" | "apiKeysFile" | "tlsCert">,
  logger: FastifyBaseLogger,
): void {
  if (isLoopback(host)) return;
  if (apiKeysFile === null) {
    logger.warn(
      `ANY CLIENT that reaches ${host} can use this server: it listens beyond this machine and requires no API key. ` +
        "Create a key with `tepal keys add` and start the server with --api-keys-file.",
    );
  } else if (tlsCert === null) {
    logger.warn(
      "clients send their API keys unencrypted: set --tls-cert and --tls-key, or use a proxy with TLS",
    );
  }
}
