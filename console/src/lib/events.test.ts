import { describe, expect, it } from "vitest";
import { readEvents } from "./events.ts";

async function read(text: string, size: number): Promise<string[]> {
  const bytes = new TextEncoder().encode(text);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) {
        controller.enqueue(bytes.subarray(at, at + size));
      }
      controller.close();
    },
  });
  const events: string[] = [];
  await readEvents(stream, (name, data) => events.push(`${name} ${data}`));
  return events;
}

describe("server-sent events", () => {
  const TEXT =
    'retry: 2000\n\nevent: report\ndata: {"a": "ü: €"}\n\n: heartbeat\n\ndata: one\ndata:two\n\nevent: cut\ndata: off';

  it.each([1, 2, 3, 7, 1_000])("have names and data, cut every %i bytes", async (size) => {
    expect(await read(TEXT, size)).toEqual(['report {"a": "ü: €"}', "message one\ntwo"]);
  });
});
