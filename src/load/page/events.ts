import type { ServerResponse } from "node:http";
import { TepalError } from "../../kernel/errors.ts";
import type { SecondUpdate } from "../contract/load-document.ts";
import type { LogLine } from "../contract/log-line.ts";
import type { RunReport, SeriesPoint } from "../contract/report.ts";
import type { LoadTest } from "../load.ts";

/**
 * Server-sent events. A client gets the whole report first, then the changes of each second. A slow client gets no further events until
 * it has read all of them, and then the whole report again. A client that reads nothing for 45 seconds is disconnected. So at most one
 * message is buffered for each client.
 *
 *     event: report   a whole report: first, and when the client missed events
 *     event: second   a report without `series`, with `points`: the new points
 *     event: ended    a whole report, final
 *     event: log      a line
 */
export interface Events {
  /**
   * Takes over a reply whose headers are not sent.
   *
   * @throws TepalError OVERLOADED if too many clients are connected
   */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>): void;
  sendSecond(): void;
  sendEnded(report: RunReport): void;
  sendLog(line: LogLine): void;
  /** Ends all replies. */
  close(): void;
}

const MAX_CLIENTS = 100;
/** A client that is stalled for more heartbeats in a row is disconnected. */
const MAX_STALLED_HEARTBEATS = 2;

interface Client {
  readonly response: ServerResponse;
  /** Missed events, and gets the whole report next. */
  isBehind: boolean;
  /** Heartbeats in a row with unread events. */
  stalledHeartbeats: number;
}

/** The part of the series that all clients have which are not behind. */
interface Sent {
  readonly id: string;
  readonly points: number;
  readonly last: SeriesPoint | undefined;
}

/** @param heartbeatMs interval of the comments that keep connections open, and of the check for stalled clients */
export function createEvents(loadTest: Pick<LoadTest, "report">, heartbeatMs = 15_000): Events {
  const clients = new Set<Client>();
  let sent: Sent = { id: "", points: 0, last: undefined };

  const heartbeat = setInterval(() => {
    for (const client of clients) {
      const isStalled = client.response.writableNeedDrain;
      client.stalledHeartbeats = isStalled ? client.stalledHeartbeats + 1 : 0;
      if (client.stalledHeartbeats > MAX_STALLED_HEARTBEATS) client.response.destroy();
      else if (!isStalled) client.response.write(": heartbeat\n\n");
    }
  }, heartbeatMs);
  heartbeat.unref();

  /** @param toWhole makes the message for a client that is behind; null: it stays behind */
  function broadcast(message: string, toWhole: (() => string) | null): void {
    let whole: string | undefined;
    for (const client of clients) {
      const { response } = client;
      if (response.writableNeedDrain) client.isBehind = true;
      else if (!client.isBehind) response.write(message);
      else if (toWhole !== null) {
        client.isBehind = false;
        response.write((whole ??= toWhole()));
      }
    }
  }

  function remember({ id, series }: RunReport): void {
    sent = { id, points: series.length, last: series.at(-1) };
  }

  function sendSecond(): void {
    if (clients.size === 0) return;
    const report = loadTest.report();
    const { series, ...rest } = report;
    const toWhole = (): string => format("report", report);
    const continues =
      report.id === sent.id &&
      (sent.points === 0 || isSamePoint(series[sent.points - 1], sent.last));
    const update: SecondUpdate = { ...rest, points: series.slice(sent.points) };
    remember(report);
    broadcast(continues ? format("second", update) : toWhole(), toWhole);
  }

  return {
    add(response, headers) {
      if (clients.size >= MAX_CLIENTS) {
        throw new TepalError(
          "OVERLOADED",
          `${MAX_CLIENTS} clients receive events already. Close one of them.`,
        );
      }
      // Brings the other clients to the state that the new one gets.
      sendSecond();
      const report = loadTest.report();
      const client: Client = { response, isBehind: false, stalledHeartbeats: 0 };
      response.writeHead(200, headers);
      response.write(`retry: 2000\n\n${format("report", report)}`);
      remember(report);
      clients.add(client);
      response.once("close", () => clients.delete(client));
      // A connection error is followed by "close".
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
      for (const { response } of clients) {
        response.end();
        // A stalled client would keep the server from closing.
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
