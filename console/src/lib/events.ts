/** Called with the name and the data of each event. */
export type OnEvent = (name: string, data: string) => void;

/**
 * Reads server-sent events until their stream ends. Unlike the browser's EventSource it reads the reply of any request, so that a request
 * can have an API key in its headers. Comments, ids and retry times are skipped.
 *
 * @throws the error of a stream that breaks
 */
export async function readEvents(
  stream: ReadableStream<Uint8Array>,
  onEvent: OnEvent,
): Promise<void> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const messages = `${rest}${decoder.decode(value, { stream: true })}`.split("\n\n");
    rest = messages.pop() ?? "";
    for (const message of messages) emit(message, onEvent);
  }
}

function emit(message: string, onEvent: OnEvent): void {
  let name = "message";
  const data: string[] = [];
  for (const line of message.split("\n")) {
    const [, field, value = ""] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
  }
  if (data.length > 0) onEvent(name, data.join("\n"));
}
