import { createServer } from "node:http";
import { createServer as createSocketServer, type Server } from "node:net";

/** A response of the same length as Tepal's. */
const REPLY = JSON.stringify({
  prediction: 0,
  label: "setosa",
  probabilities: { setosa: 1, versicolor: 0, virginica: 0 },
  warnings: [],
  out_of_distribution: { p_value: 1, is_outlier: false },
  model: { name: "iris", version: 1 },
  id: "a8b243406e564f0ebe67817c5265382a",
});

/**
 * Starts a server that does the minimum: reads and parses the body, checks a field, writes a response.
 * @param port 0 for any
 * @returns the port
 */
export function listenBare(port: number): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body: { sepal_length: number } = JSON.parse(Buffer.concat(chunks).toString());
      response.writeHead(body.sepal_length > 0 ? 200 : 400, {
        "content-type": "application/json; charset=utf-8",
        "content-length": REPLY.length,
      });
      response.end(REPLY);
    });
  });
  // The same as Fastify's, because connections are idle while the other server is measured.
  server.keepAliveTimeout = 72_000;
  return listen(server, port);
}

/**
 * Starts a server that writes a constant reply of the same length for each piece of input, and parses nothing: the least that a server in
 * Node.js can cost.
 * @returns the port
 */
export function listenSocket(): Promise<number> {
  const reply = `HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\nx-request-id: ${"0".repeat(32)}\r\ncontent-length: ${REPLY.length}\r\nDate: Sun, 29 Nov 2026 00:00:00 GMT\r\nConnection: keep-alive\r\n\r\n${REPLY}`;
  const server = createSocketServer({ noDelay: true }, (socket) => {
    socket.on("data", () => socket.write(reply, "latin1"));
  });
  return listen(server, 0);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
    });
  });
}
