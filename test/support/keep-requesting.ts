import { Client } from "undici";

/**
 * Sends requests on one connection until a reply closes it, as a client that then connects to another server. Fails if a
 * request gets no reply.
 *
 * @param onReply called with the status of each reply
 */
export async function keepRequesting(
  url: string,
  body: object,
  onReply: (status: number) => void,
): Promise<void> {
  const client = new Client(url);
  const headers = { "content-type": "application/json" };
  const prediction = {
    path: "/predict",
    method: "POST",
    headers,
    body: JSON.stringify(body),
  } as const;
  for (;;) {
    const reply = await client.request(prediction);
    await reply.body.text();
    onReply(reply.statusCode);
    if (reply.headers["connection"] === "close") break;
  }
  await client.close();
}
