import { once } from "node:events";
import { connect } from "node:net";

/**
 * Sends bytes as they are and returns everything that comes back until the server closes.
 * @param end half-closes after sending, as a client that has said all does
 */
export async function sendRaw(
  url: string,
  text: string | Buffer,
  { end = false }: { readonly end?: boolean } = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => (received += chunk));
  // A reset is one of the ways in which a server may end a connection.
  socket.on("error", () => {});
  await once(socket, "connect");
  if (end) socket.end(text);
  else socket.write(text);
  await once(socket, "close");
  return received;
}
