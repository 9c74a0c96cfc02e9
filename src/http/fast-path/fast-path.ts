import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Admission } from "../admission.ts";
import { KEEP_ALIVE_SECONDS } from "../connections/idle-times.ts";
import type { AppParts } from "../http.ts";
import { createClientAddress } from "../limits/client-address.ts";
import type { PredictionHandler } from "../prediction/prediction-handler.ts";
import type { RequestMeter } from "../request-meter.ts";
import { FastConnection, type ConnectionOwner } from "./connection.ts";
import { createRouteFinder } from "./find-route.ts";
import { createReplyFormatter } from "./format-reply.ts";
import { createHeadReader } from "./read-head.ts";

/** Parts that the fast path and the app share. */
export interface FastPathParts {
  readonly meter: RequestMeter;
  readonly admission: Admission;
  readonly handler: PredictionHandler;
}

const CHECK_MS = 1_000;
/**
 * Major versions of Node.js on which the tests have run. The hand-over depends on how Node's HTTP server takes over a socket with unread
 * bytes.
 */
const TESTED_NODES: ReadonlySet<number> = new Set([24, 26]);

/** The fast path of a server. */
export interface FastPath {
  /** Puts the fast path in front of a Node.js server that does not listen yet. */
  attach(server: Server): void;
  /** Leaves all later connections to Node's HTTP server. */
  turnOff(): void;
}

/**
 * Creates the fast path for ordinary predictions over plain HTTP: it reads them from the sockets of a server, with a grammar that is a
 * strict subset of HTTP's. At any other bytes it hands the connection over to Node's HTTP server, with these bytes, and the connection
 * stays there. The app's routes call the same functions for admission and predictions.
 *
 * The streams, requests and responses of Node's HTTP server cost about as much CPU as the prediction itself (`npm run bench -- http`).
 */
export function createFastPath(
  { options, clock, credentials }: AppParts,
  { meter, admission, handler }: FastPathParts,
): FastPath {
  let isOn =
    options.fastPath &&
    credentials.tls === null &&
    TESTED_NODES.has(Number.parseInt(process.versions.node));
  const parts = {
    readHead: createHeadReader(createRouteFinder(meter, options)),
    admission,
    handler,
    meter,
    findClientAddress: createClientAddress(options.trustProxy),
    formatReply: createReplyFormatter(clock, KEEP_ALIVE_SECONDS),
    clock,
    options,
  };

  function attach(server: Server): void {
    const connections = new Set<FastConnection>();
    const listeners = server.listeners("connection");
    const owner: ConnectionOwner = {
      handOver(connection, rest) {
        const { socket } = connection;
        connections.delete(connection);
        connection.release();
        // Pause the socket, so that the bytes stay in it until Node's parser reads them.
        socket.pause();
        socket.unshift(rest);
        for (const listener of listeners) listener.call(server, socket);
        socket.resume();
      },
      fail(socket, error) {
        if (!server.emit("clientError", error, socket)) socket.destroy();
      },
      closed: (connection) => void connections.delete(connection),
    };

    server.removeAllListeners("connection");
    server.on("connection", (socket: Socket) => {
      if (isOn) connections.add(new FastConnection(socket, parts, owner));
      else for (const listener of listeners) listener.call(server, socket);
    });

    const timer = setInterval(() => {
      const now = clock.monotonicSeconds();
      for (const connection of connections) connection.check(now);
    }, CHECK_MS);
    timer.unref();
    server.once("close", () => clearInterval(timer));

    // Node's server knows only the connections that it reads itself.
    const closeIdle = server.closeIdleConnections.bind(server);
    const closeAll = server.closeAllConnections.bind(server);
    server.closeIdleConnections = () => {
      for (const { isIdle, socket } of connections) if (isIdle) socket.destroy();
      closeIdle();
    };
    server.closeAllConnections = () => {
      for (const { socket } of connections) socket.destroy();
      closeAll();
    };
  }

  return {
    attach: (server) => {
      if (isOn) attach(server);
    },
    turnOff: () => void (isOn = false),
  };
}
