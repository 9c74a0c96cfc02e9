import { readFile } from "node:fs/promises";
import type { Server } from "node:http";
import { Server as TlsServer } from "node:https";
import { createSecureContext } from "node:tls";
import type { FastifyBaseLogger } from "fastify";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { createApiKeys, readKeysFile, type ApiKeys } from "./api-keys.ts";
import type { HttpOptions } from "../options.ts";

type CredentialOptions = Pick<HttpOptions, "apiKeysFile" | "tlsCert" | "tlsKey">;

/** Certificate chain and private key, in PEM. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** What the server reads from files to know its clients and to be known by them. */
export interface Credentials {
  /** The keys as they are now; null when clients need none. */
  keys(): ApiKeys | null;
  /** As they were at the start; null speaks plain HTTP. */
  readonly tls: TlsFiles | null;
  /**
   * Reads the files again. A file that is damaged now must let nobody in and lock nobody out: it is logged, and what
   * was read before stays.
   */
  reload(server: Server): Promise<void>;
}

/** @throws TepalError INVALID_OPTION when a file is not usable */
export async function openCredentials(
  options: CredentialOptions,
  logger: FastifyBaseLogger,
): Promise<Credentials> {
  let keys = await readKeys(options);
  const tls = await readTls(options);
  return {
    keys: () => keys,
    tls,
    async reload(server) {
      try {
        keys = await readKeys(options);
      } catch (error) {
        logger.error(`the keys stay as they were: ${toMessage(error)}`);
      }
      try {
        const fresh = await readTls(options);
        if (fresh !== null && server instanceof TlsServer) server.setSecureContext(fresh);
      } catch (error) {
        logger.error(`the certificate stays as it was: ${toMessage(error)}`);
      }
    },
  };
}

async function readKeys({ apiKeysFile }: CredentialOptions): Promise<ApiKeys | null> {
  return apiKeysFile === null ? null : createApiKeys(await readKeysFile(apiKeysFile));
}

async function readTls({ tlsCert, tlsKey }: CredentialOptions): Promise<TlsFiles | null> {
  if (tlsCert === null && tlsKey === null) return null;
  if (tlsCert === null || tlsKey === null) {
    throw new TepalError("INVALID_OPTION", "--tls-cert and --tls-key go together");
  }
  try {
    const [cert, key] = await Promise.all([readFile(tlsCert), readFile(tlsKey)]);
    // Made only to see that the two are in order and belong together.
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (cause) {
    const message = `--tls-cert and --tls-key are not usable: ${toMessage(cause)}`;
    throw new TepalError("INVALID_OPTION", message, { cause });
  }
}
