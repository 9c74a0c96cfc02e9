/**
 * The server process of `npm run bench -- load`. Sends its port to the parent, responds to every request with two bytes, and on
 * a message blocks for that many milliseconds.
 */
import { createServer } from "node:http";

const server = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/plain", "content-length": 2 });
  response.end("ok");
});
server.keepAliveTimeout = 72_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0 });
});
process.on("message", (milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
});
process.on("disconnect", () => process.exit());
