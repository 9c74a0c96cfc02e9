import { Readable } from "node:stream";
import { readFile } from "node:fs/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { isJsonObject } from "../../kernel/json.ts";
import { isSameOrigin } from "../../kernel/same-origin.ts";
import { isOnThisMachine } from "../access/this-machine.ts";
import type { AppParts } from "../http.ts";

/** Path of the load page's API in the console. */
const BASE = "/console/load";
/** Ids and file names of runs; the load page knows no others. */
const NAME = /^[\w-]{1,60}(?:\.[a-z]{2,4})?$/;
/** Headers of the load page's replies that reach the client. */
const FORWARDED = [
  "content-type",
  "content-disposition",
  "content-security-policy",
  "cache-control",
  "x-accel-buffering",
];

type Parts = Pick<AppParts, "options" | "credentials" | "inFlight">;

/**
 * Forwards the console's requests to the load page of `--load-page`, which runs in a process of its own.
 *
 * A run sends many requests, so a client must not start one by accident, and must not aim it elsewhere:
 *
 * - The routes require the role load. A server without API keys accepts clients on its own machine only.
 * - A browser must send the request from a page of this server; `--cors-origins` does not count.
 * - A run goes to the load page's own `--host`: a plan that names a host is rejected.
 */
export function addLoadPageRoutes(app: FastifyInstance, parts: Parts): void {
  const { options, credentials, inFlight } = parts;
  const open = new Set<AbortController>();

  const route = {
    config: { access: "load" as const },
    // Documented in docs/load-page.md, as the API of the load page.
    schema: { hide: true },
    onRequest(request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void {
      done(check(request));
    },
  };

  function check(request: FastifyRequest): TepalError | undefined {
    if (options.loadPage === null) {
      return new TepalError(
        "NOT_FOUND",
        "This server has no load page. `tepal up` starts one, and --load-page URL names another.",
      );
    }
    if (!isSameOrigin(request.headers)) {
      return new TepalError(
        "FOREIGN_REQUEST",
        "Only a page of this server or a program may send this request, not a page of another origin.",
      );
    }
    if (credentials.keys() === null && !isOnThisMachine(request.raw)) {
      return new TepalError(
        "FORBIDDEN",
        "A server without API keys accepts requests for its load page from its own machine only. Start it with --api-keys-file, and use a key with the role load.",
      );
    }
    return undefined;
  }

  /** Sends a request to the load page, and its reply to the client. */
  async function forward(
    request: FastifyRequest,
    reply: FastifyReply,
    path: string,
    body?: unknown,
  ): Promise<FastifyReply> {
    const controller = new AbortController();
    const end = (): void => controller.abort();
    open.add(controller);
    reply.raw.once("close", () => {
      open.delete(controller);
      end();
    });
    const {
      status,
      headers,
      body: received,
    } = await fetch(`${options.loadPage}/api/load${path}`, {
      method: request.method,
      headers: {
        accept: request.headers.accept ?? "*/*",
        "accept-encoding": "identity",
        ...(await readKey(options.loadPageKeyFile)),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: "manual",
      signal: controller.signal,
    }).catch((cause: unknown) => {
      const message = `The load page at ${options.loadPage} does not respond. Check that it is still running.`;
      throw new TepalError("BAD_GATEWAY", message, { cause });
    });
    if (status === 401) {
      throw new TepalError(
        "BAD_GATEWAY",
        "The load page rejects this server. Set its key with --load-page-key-file.",
      );
    }
    for (const name of FORWARDED) {
      const value = headers.get(name);
      if (value !== null) void reply.header(name, value);
    }
    void reply.code(status);
    return received === null ? reply.send() : reply.send(Readable.fromWeb(received));
  }

  app.get(`${BASE}/api/load`, route, (request, reply) => forward(request, reply, ""));
  app.get(`${BASE}/api/load/events`, { ...route, exposeHeadRoute: false }, (request, reply) => {
    // An open page is not work of the server, and its duration is its user's.
    request.isStream = true;
    // Its client ends it.
    request.failedStatus = 200;
    inFlight.leaveOut(reply.raw);
    return forward(request, reply, "/events");
  });
  app.post(`${BASE}/api/load/start`, route, (request, reply) =>
    forward(request, reply, "/start", checkPlan(request.body)),
  );
  for (const action of ["edit", "stop", "reset"]) {
    app.post(`${BASE}/api/load/${action}`, route, (request, reply) =>
      forward(request, reply, `/${action}`, request.body),
    );
  }
  app.get(`${BASE}/api/load/runs`, route, (request, reply) => forward(request, reply, "/runs"));
  app.route<{ Params: { id: string } }>({
    ...route,
    method: ["GET", "DELETE"],
    url: `${BASE}/api/load/runs/:id`,
    handler: (request, reply) => forward(request, reply, `/runs/${toName(request.params.id)}`),
  });
  app.get<{ Params: { id: string; file: string }; Querystring: { download?: string } }>(
    `${BASE}/api/load/runs/:id/:file`,
    route,
    (request, reply) => {
      const { id, file } = request.params;
      const query = request.query.download === undefined ? "" : "?download";
      return forward(request, reply, `/runs/${toName(id)}/${toName(file)}${query}`);
    },
  );
  // The events of an open page would keep a stopping server waiting.
  app.addHook("preClose", async () => {
    for (const controller of open) controller.abort();
  });
}

/** Returns the plan for the load page. @throws TepalError INVALID_PLAN if it names a host */
function checkPlan(plan: unknown): unknown {
  if (!isJsonObject(plan) || !Object.hasOwn(plan, "host")) return plan;
  const message =
    "Expected no host, since runs from the console go to this server. Start others on the load page itself.";
  throw new TepalError("INVALID_PLAN", `Body: ${message}`, {
    problems: [{ at: "/host", message }],
  });
}

/** @throws TepalError NOT_FOUND for what can be no run or report */
function toName(name: string): string {
  if (NAME.test(name)) return name;
  throw new TepalError(
    "NOT_FOUND",
    "There is no such run. GET /console/load/api/load/runs lists all.",
  );
}

/** Reads the key anew for each request, so that a changed file counts at once. */
async function readKey(file: string | null): Promise<{ readonly authorization?: string }> {
  if (file === null) return {};
  try {
    return { authorization: `Bearer ${(await readFile(file, "utf8")).trim()}` };
  } catch (cause) {
    const message = `Cannot read the file of --load-page-key-file: ${toMessage(cause)}`;
    throw new TepalError("BAD_GATEWAY", message, { cause });
  }
}
