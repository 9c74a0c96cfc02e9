import { once } from "node:events";
import { connect } from "node:net";

/**
 * Sends bytes unchanged, and returns everything that arrives until the server closes the connection.
 * @param end half-closes the connection after sending
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
  // A server may also end a connection with a reset.
  socket.on("error", () => {});
  await once(socket, "connect");
  if (end) socket.end(text);
  else socket.write(text);
  await once(socket, "close");
  return received;
}
