import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { TepalError, toMessage, type ErrorCode } from "../../kernel/errors.ts";
import { parseMultipartForm } from "../../kernel/multipart.ts";
import { PAGE_HEADERS } from "../../kernel/page-files.ts";
import { parseStrictJson } from "../../kernel/json-text.ts";
import { createId } from "../../kernel/random.ts";
import { PROBLEM_TYPE, toProblemDetails } from "../../kernel/problem-details.ts";
import type { LogLine } from "../contract/log-line.ts";
import { createEvents } from "./events.ts";
import { answerOtherMethods } from "./other-methods.ts";
import type { PageParts } from "./page.ts";
import { addPageFiles } from "./page-files.ts";
import { protectRequests } from "./protect.ts";
import { createRunControl } from "./run-control.ts";
import { addLoadRoutes } from "./routes/load.ts";
import { addLocustRoutes } from "./routes/locust.ts";
import { addRunRoutes } from "./routes/runs.ts";

/** Forms and plans are much smaller. */
const BODY_LIMIT = 64 * 1024;
const MAX_LOG_LINES = 1_000;
/** Bounds the output of a script. */
const LOG_CHARACTERS = 10_000;

/**
 * Creates the app of the page, which does not listen yet. It adds each finished run to the archive. Closing the app closes its
 * connections, but not the load test.
 */
export async function createPage(parts: PageParts): Promise<FastifyInstance> {
  const { loadTest, archive, onError } = parts;
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    genReqId: createId,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
  });
  app.removeAllContentTypeParsers();
  acceptBodies(app);

  const logs: LogLine[] = [];
  const events = createEvents(loadTest);
  const addLine = (given: LogLine): void => {
    const line = { ...given, message: given.message.slice(0, LOG_CHARACTERS) };
    logs.push(line);
    if (logs.length > MAX_LOG_LINES) logs.shift();
    events.sendLog(line);
  };
  let archived = Promise.resolve();
  const unsubscribe = loadTest.subscribe((event) => {
    if (event.type === "second") events.sendSecond();
    else if (event.type === "log") addLine(event.line);
    else {
      // A client that receives the end finds the run in the archive.
      archived = archive
        .save(event.report)
        .catch((error: unknown) => onError(toMessage(error)))
        .finally(() => events.sendEnded(event.report));
    }
  });
  app.addHook("preClose", async () => {
    unsubscribe();
    await archived;
    events.close();
  });

  app.addHook("onRequest", (_request, reply, done) => {
    void reply.headers(PAGE_HEADERS);
    done();
  });
  protectRequests(app, parts);
  app.setErrorHandler((thrown, request, reply) => {
    const error = toTepalError(thrown);
    if (error.status >= 500 && error.code !== "OVERLOADED") {
      onError(`Request ${request.id} failed: ${toMessage(thrown)}`);
    }
    void reply
      .code(error.status)
      .header("content-type", PROBLEM_TYPE)
      .header("cache-control", "no-store")
      .send(JSON.stringify(toProblemDetails(error, request.id)));
  });
  app.setNotFoundHandler(() => {
    throw new TepalError("NOT_FOUND", "Unknown path. The page is at /.");
  });

  const control = createRunControl(loadTest, () => archived);
  const routeParts = { ...parts, control, logs: () => logs };
  const finishRoutes = answerOtherMethods(app);
  app.get("/health", { config: { isPublic: true } }, (_request, reply) =>
    reply.header("cache-control", "no-store").send({ status: "live" }),
  );
  app.get("/metrics", async (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(loadTest.renderMetrics()),
  );
  addLoadRoutes(app, routeParts, events);
  addRunRoutes(app, routeParts);
  addLocustRoutes(app, routeParts);
  await addPageFiles(app, parts);
  finishRoutes();
  return app;
}

/** Accepts JSON and forms only. A page of another origin needs a CORS preflight to send JSON. */
function acceptBodies(app: FastifyInstance): void {
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, body === "" ? undefined : parseBody(String(body)));
    } catch (cause) {
      const message = `The body is not valid JSON: ${toMessage(cause)}`;
      done(cause instanceof TepalError ? cause : new TepalError("MALFORMED_JSON", message));
    }
  });
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );
  app.addContentTypeParser(
    "multipart/form-data",
    { parseAs: "buffer" },
    async ({ headers }: FastifyRequest, body: Buffer) =>
      parseMultipartForm(body, headers["content-type"] ?? ""),
  );
}

/** @throws SyntaxError; TepalError INVALID_PLAN for a key that stands twice and for too many nested levels */
function parseBody(text: string): unknown {
  const parsed = parseStrictJson(Buffer.from(text), text);
  if ("value" in parsed) return parsed.value;
  const { reason, problems } = parsed;
  throw new TepalError("INVALID_PLAN", `The body has ${reason}.`, { problems });
}

/** Codes of the errors that Fastify throws. */
const FASTIFY_ERRORS: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_BAD_URL: "MALFORMED_REQUEST",
  FST_ERR_CTP_BODY_TOO_LARGE: "BODY_TOO_LARGE",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "MALFORMED_REQUEST",
  FST_ERR_MAX_PARAM_LENGTH: "URI_TOO_LONG",
};

function toTepalError(thrown: unknown): TepalError {
  if (thrown instanceof TepalError) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    const message = "Send JSON (Content-Type: application/json) or a form.";
    return new TepalError("UNSUPPORTED_MEDIA_TYPE", message, { cause: thrown });
  }
  return new TepalError(FASTIFY_ERRORS[code] ?? "INTERNAL", toMessage(thrown), { cause: thrown });
}
