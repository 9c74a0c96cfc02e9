import type { Api } from "../lib/api.ts";

/**
 * Downloads a file of the load page with the session's key, which a link does not send.
 * @throws ApiError
 */
export async function saveFile(api: Api, path: string, fallbackName: string): Promise<void> {
  const reply = await api.send(path, { accept: "*/*" });
  const disposition = reply.headers.get("content-disposition") ?? "";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await reply.blob());
  link.download = /filename="([^"]+)"/.exec(disposition)?.[1] ?? fallbackName;
  link.click();
  URL.revokeObjectURL(link.href);
}
