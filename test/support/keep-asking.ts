import { Client } from "undici";

/**
 * A client that keeps one connection, always asks, and goes elsewhere when a reply says that the connection closes. Ends
 * then; fails when a request is not answered.
 *
 * @param onReply is given the status of each reply
 */
export async function keepAsking(
  url: string,
  body: object,
  onReply: (status: number) => void,
): Promise<void> {
  const client = new Client(url);
  const headers = { "content-type": "application/json" };
  const question = {
    path: "/predict",
    method: "POST",
    headers,
    body: JSON.stringify(body),
  } as const;
  for (;;) {
    const reply = await client.request(question);
    await reply.body.text();
    onReply(reply.statusCode);
    if (reply.headers["connection"] === "close") break;
  }
  await client.close();
}
