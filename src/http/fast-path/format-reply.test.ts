import { describe, expect, it } from "vitest";
import { createReplyFormatter } from "./format-reply.ts";

describe("the head of a reply", () => {
  const clock = { nowMs: () => 0, monotonicSeconds: () => 0 };

  it("has the headers of all lists once, and states if the connection stays open", () => {
    const format = createReplyFormatter(clock, 72);
    const lists = [
      ["x-request-id", "a", "connection", "close"],
      ["content-type", "text/plain"],
    ];
    const start =
      "HTTP/1.1 413 Payload Too Large\r\nx-request-id: a\r\ncontent-type: text/plain\r\n";
    const date = "content-length: 7\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
    expect(format(413, lists, 7, true)).toBe(`${start}${date}Connection: close\r\n\r\n`);
    expect(format(413, lists, 7, false)).toBe(
      `${start}${date}Connection: keep-alive\r\nKeep-Alive: timeout=72\r\n\r\n`,
    );
  });

  it("has the date of its second", () => {
    let nowMs = 1_999;
    const format = createReplyFormatter({ ...clock, nowMs: () => nowMs }, 72);
    const readDate = () => /Date: (.*)\r\n/.exec(format(200, [], 0, false))?.[1];
    expect(readDate()).toBe("Thu, 01 Jan 1970 00:00:01 GMT");
    nowMs = 2_000;
    expect(readDate()).toBe("Thu, 01 Jan 1970 00:00:02 GMT");
  });
});
