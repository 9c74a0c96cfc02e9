import { STATUS_CODES } from "node:http";
import type { Clock } from "../../kernel/clock.ts";

/**
 * Creates the function that formats the head of a reply as Node's HTTP server does, with its headers Date, Connection and Keep-Alive.
 *
 * @param keepAliveSeconds time after which the server closes an idle connection, for the header Keep-Alive
 */
export function createReplyFormatter(
  clock: Clock,
  keepAliveSeconds: number,
): (
  status: number,
  headers: readonly (readonly string[])[],
  bodyBytes: number,
  closes: boolean,
) => string {
  const open = `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\n\r\n`;
  let second = Number.NaN;
  let date = "";

  function formatDate(): string {
    const now = Math.floor(clock.nowMs() / 1_000);
    if (now !== second) {
      second = now;
      date = `Date: ${new Date(now * 1_000).toUTCString()}\r\n`;
    }
    return date;
  }

  return (status, headers, bodyBytes, closes) => {
    let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}\r\n`;
    for (const list of headers) {
      for (let i = 0; i < list.length; i += 2) {
        // The Connection header follows below.
        if (list[i] !== "connection") text += `${list[i]}: ${list[i + 1]}\r\n`;
      }
    }
    const connection = closes ? "Connection: close\r\n\r\n" : open;
    return `${text}content-length: ${bodyBytes}\r\n${formatDate()}${connection}`;
  };
}
