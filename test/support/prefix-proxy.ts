import { once } from "node:events";
import { createServer, request } from "node:http";

/** A reverse proxy that strips a path prefix, as the ingress of a Kubernetes cluster does. */
export interface PrefixProxy extends AsyncDisposable {
  /** With the prefix, without a trailing slash. */
  readonly url: string;
  /** Paths of requests outside the prefix: links that lost it. */
  readonly strays: readonly string[];
}

/** @param target URL of the server behind the proxy */
export async function startPrefixProxy(target: string, prefix: string): Promise<PrefixProxy> {
  const strays: string[] = [];
  const proxy = createServer((incoming, outgoing) => {
    const path = incoming.url ?? "";
    if (!path.startsWith(`${prefix}/`)) {
      strays.push(path);
      outgoing.writeHead(404).end();
      return;
    }
    const forwarded = request(
      `${target}${path.slice(prefix.length)}`,
      { method: incoming.method, headers: incoming.headers, agent: false },
      (reply) => {
        outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(outgoing);
      },
    );
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const bound = proxy.address();
  const port = typeof bound === "object" ? bound?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    strays,
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, "close");
    },
  };
}
