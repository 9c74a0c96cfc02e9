import type { ServerResponse } from "node:http";
import { TepalError } from "../../kernel/errors.ts";
import type { LoadTest, LogLine } from "../load.ts";
import type { RunReport, SeriesPoint } from "../contract/report.ts";

/**
 * Server-sent events: whoever listens gets the whole report at first, then each second what changed. A reader that does not keep up
 * is left out until it has taken what it has, and then gets the whole report again; one that takes nothing for 45 seconds is
 * dropped. So what waits for a reader never grows beyond one message.
 *
 *     event: report   a whole report: at first, and whenever what was sent before does not go on
 *     event: second   a report without `series`, with `points`: those after the last ones
 *     event: ended    a whole report, final
 *     event: log      a line
 */
export interface Events {
  /**
   * Takes over a reply whose head is not sent.
   * @throws TepalError OVERLOADED when too many listen
   */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>): void;
  sendSecond(): void;
  sendEnded(report: RunReport): void;
  sendLog(line: LogLine): void;
  /** Ends all replies. */
  close(): void;
}

const MAX_READERS = 100;

interface Reader {
  readonly response: ServerResponse;
  /** Got less than was said; gets the whole report next. */
  isBehind: boolean;
  /** How many heartbeats found it with something left to take. */
  heartbeatsStuck: number;
}

/** What of the series has been sent to all who are not behind. */
interface Sent {
  readonly id: string;
  readonly points: number;
  readonly last: SeriesPoint | undefined;
}

/** @param heartbeatMs how often those who hear nothing are told that somebody is there, and those who take nothing are looked for */
export function createEvents(loadTest: Pick<LoadTest, "report">, heartbeatMs = 15_000): Events {
  const readers = new Set<Reader>();
  let sent: Sent = { id: "", points: 0, last: undefined };

  const heartbeat = setInterval(() => {
    for (const reader of readers) {
      const isStuck = reader.response.writableNeedDrain;
      reader.heartbeatsStuck = isStuck ? reader.heartbeatsStuck + 1 : 0;
      if (reader.heartbeatsStuck > 2) reader.response.destroy();
      else if (!isStuck) reader.response.write(": still here\n\n");
    }
  }, heartbeatMs);
  heartbeat.unref();

  /** @param whole what a reader that is behind gets instead; null: nothing, it stays behind */
  function broadcast(message: string, whole: (() => string) | null): void {
    let text: string | undefined;
    for (const reader of readers) {
      const { response } = reader;
      if (response.writableNeedDrain) reader.isBehind = true;
      else if (!reader.isBehind) response.write(message);
      else if (whole !== null) {
        reader.isBehind = false;
        response.write((text ??= whole()));
      }
    }
  }

  function remember(report: RunReport): void {
    const { id, series } = report;
    sent = { id, points: series.length, last: series.at(-1) };
  }

  function sendSecond(): void {
    if (readers.size === 0) return;
    const report = loadTest.report();
    const { series, ...rest } = report;
    const whole = (): string => format("report", report);
    const goesOn =
      report.id === sent.id &&
      (sent.points === 0 || isSamePoint(series[sent.points - 1], sent.last));
    const message = goesOn
      ? format("second", { ...rest, points: series.slice(sent.points) })
      : whole();
    remember(report);
    broadcast(message, whole);
  }

  return {
    add(response, headers) {
      if (readers.size >= MAX_READERS) {
        throw new TepalError("OVERLOADED", `${MAX_READERS} pages listen already; close one`);
      }
      // The others must have got what this one gets at once.
      sendSecond();
      const report = loadTest.report();
      const reader: Reader = { response, isBehind: false, heartbeatsStuck: 0 };
      response.writeHead(200, headers);
      response.write(`retry: 2000\n\n${format("report", report)}`);
      remember(report);
      readers.add(reader);
      response.once("close", () => readers.delete(reader));
      // A broken connection is closed, which is told above.
      response.on("error", () => {});
    },
    sendSecond,
    sendEnded(report) {
      remember(report);
      const message = format("ended", report);
      broadcast(message, () => message);
    },
    sendLog: (line) => broadcast(format("log", line), null),
    close() {
      clearInterval(heartbeat);
      for (const { response } of readers) {
        response.end();
        // Who takes nothing would keep the server from closing.
        if (response.writableNeedDrain) response.destroy();
      }
    },
  };
}

function isSamePoint(a: SeriesPoint | undefined, b: SeriesPoint | undefined): boolean {
  return (
    a?.elapsed_seconds === b?.elapsed_seconds && a?.requests_per_second === b?.requests_per_second
  );
}

function format(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
