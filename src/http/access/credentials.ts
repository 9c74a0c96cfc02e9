import { readFile } from "node:fs/promises";
import type { Server } from "node:http";
import { Server as TlsServer } from "node:https";
import { createSecureContext, type SecureVersion } from "node:tls";
import type { FastifyBaseLogger } from "fastify";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { followFiles } from "../../kernel/follow-files.ts";
import {
  createApiKeys,
  findWritableByOthers,
  readKeysFile,
  toWriterWarning,
  type ApiKeys,
} from "./api-keys.ts";
import type { ReloadProblem } from "../reload-report.ts";
import type { HttpOptions } from "../options.ts";

type CredentialOptions = Pick<HttpOptions, "apiKeysFile" | "tlsCert" | "tlsKey">;

/** A certificate chain and its private key, in PEM, and the accepted protocols. */
export interface TlsSettings {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: SecureVersion;
  readonly ciphers: string;
}

/**
 * Suites that authenticate what they encrypt (AEAD) and have forward secrecy: a stolen private key does not decrypt earlier connections.
 * Node's default also has CBC and, for clients without ECDHE, RSA key exchange. These work with all browsers since 2016.
 */
const CIPHERS = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** The server's API keys and TLS certificate, read from files. */
export interface Credentials {
  /** Returns the current API keys; null if clients need none. */
  keys(): ApiKeys | null;
  /** The certificate and protocols at the start; null for plain HTTP. */
  readonly tls: TlsSettings | null;
  /**
   * Reads the files again. If a file is invalid now, that is logged and returned, and the earlier keys or certificate stay in use: it
   * must neither admit nor lock out clients.
   */
  reload(server: Server): Promise<readonly ReloadProblem[]>;
  /** Reads files again when they change, as `reload` does, until `close`. */
  follow(server: Server): void;
  close(): void;
}

/** Reads the credentials. @throws TepalError INVALID_OPTION if a file is invalid */
export async function openCredentials(
  options: CredentialOptions,
  logger: FastifyBaseLogger,
): Promise<Credentials> {
  let server: Server | undefined;
  const { apiKeysFile, tlsCert, tlsKey } = options;
  // Created before the files are read, so that no change is missed.
  const followers = [
    await followFiles({ paths: toPaths(apiKeysFile), onChange: followKeys }),
    await followFiles({ paths: toPaths(tlsCert, tlsKey), onChange: followTls }),
  ];
  let keys: ApiKeys | null;
  let tls: TlsSettings | null;
  try {
    keys = await readKeys(options, logger);
    tls = await readTls(options);
  } catch (error) {
    close();
    throw error;
  }

  function close(): void {
    for (const follower of followers) follower[Symbol.dispose]();
  }
  async function reloadKeys(): Promise<ReloadProblem[]> {
    try {
      keys = await readKeys(options, logger);
      return [];
    } catch (error) {
      const message = toMessage(error);
      logger.error(`cannot reload the API keys, keeping the earlier ones: ${message}`);
      return [{ part: "keys", message }];
    }
  }
  async function reloadTls(): Promise<ReloadProblem[]> {
    try {
      const fresh = await readTls(options);
      if (fresh !== null && server instanceof TlsServer) server.setSecureContext(fresh);
      return [];
    } catch (error) {
      const message = toMessage(error);
      logger.error(`cannot reload the certificate, keeping the earlier one: ${message}`);
      return [{ part: "certificate", message }];
    }
  }
  async function followKeys(): Promise<void> {
    if (server === undefined || (await reloadKeys()).length > 0) return;
    logger.info(`reloaded the API keys: ${apiKeysFile} has changed`);
  }
  async function followTls(): Promise<void> {
    if (server === undefined || (await reloadTls()).length > 0) return;
    logger.info(`reloaded the certificate: ${tlsCert} or ${tlsKey} has changed`);
  }

  return {
    keys: () => keys,
    tls,
    async reload(given) {
      server = given;
      for (const follower of followers) await follower.mark();
      return [...(await reloadKeys()), ...(await reloadTls())];
    },
    follow: (given) => void (server = given),
    close,
  };
}

const toPaths = (...paths: readonly (string | null)[]): string[] =>
  paths.filter((path) => path !== null);

async function readKeys(
  { apiKeysFile }: CredentialOptions,
  logger: FastifyBaseLogger,
): Promise<ApiKeys | null> {
  if (apiKeysFile === null) return null;
  const stored = await readKeysFile(apiKeysFile);
  for (const path of await findWritableByOthers(apiKeysFile)) {
    logger.warn(toWriterWarning(path));
  }
  return createApiKeys(stored);
}

async function readTls({ tlsCert, tlsKey }: CredentialOptions): Promise<TlsSettings | null> {
  if (tlsCert === null && tlsKey === null) return null;
  if (tlsCert === null || tlsKey === null) {
    const missing = tlsCert === null ? "--tls-cert" : "--tls-key";
    throw new TepalError(
      "INVALID_OPTION",
      `Invalid option ${missing}: Missing. Expected --tls-cert and --tls-key together.`,
    );
  }
  try {
    const [cert, key] = await Promise.all([readFile(tlsCert), readFile(tlsKey)]);
    // Checks that both files are valid and match.
    createSecureContext({ cert, key });
    return { cert, key, minVersion: "TLSv1.2", ciphers: CIPHERS };
  } catch (cause) {
    const message = `Invalid options --tls-cert and --tls-key: Expected a certificate and its private key in PEM: ${toMessage(cause)}.`;
    throw new TepalError("INVALID_OPTION", message, { cause });
  }
}
