import type { FastifyInstance } from "fastify";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import type { HttpOptions } from "../options.ts";
import { checkOpenFiles } from "./open-files.ts";

type Address = Pick<HttpOptions, "host" | "port">;

/**
 * Starts to accept connections.
 * @returns the base URL, for example http://127.0.0.1:8000
 * @throws TepalError CANNOT_LISTEN
 */
export async function listen(
  app: FastifyInstance,
  { host, port }: Address,
  isTls: boolean,
): Promise<string> {
  checkOpenFiles();
  // Fastify did not create the Node server and reports plain HTTP.
  const toUrl = (text: string): string => (isTls ? text.replace("http:", "https:") : text);
  const url = await app
    .listen({ host, port, listenTextResolver: (text) => `listening on ${toUrl(text)}` })
    .catch((cause: unknown) => {
      throw toListenError({ host, port }, cause);
    });
  return toUrl(url);
}

function toListenError({ host, port }: Address, cause: unknown): TepalError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const reason =
    code === "EADDRINUSE"
      ? "Another program uses this port. Choose another one with --port."
      : code === "EACCES"
        ? "This user may not use this port. Choose a port above 1023 with --port."
        : `${toMessage(cause)}.`;
  return new TepalError("CANNOT_LISTEN", `Cannot listen on ${host}:${port}: ${reason}`, { cause });
}
