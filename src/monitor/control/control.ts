import type { Alerting, NotifiedAlert } from "../../alerts/alerts.ts";
import { parseMatchers } from "../../alerts/rules/parse-matchers.ts";
import { REQUEST_ERRORS, TepalError, toMessage } from "../../kernel/errors.ts";
import { createMatcher } from "../../series/matcher.ts";
import type { Matcher, MatcherType } from "../../series/series.ts";
import type { TransferableReply } from "../handle-request.ts";
import type { ApiRequest } from "../monitor.ts";

export interface ControlParts {
  /** Undefined while rules or receivers are invalid. */
  alerting(): Alerting | undefined;
  readonly version: string;
  readonly startedMs: number;
  /** Returns the state of history and remote write. */
  describeState(): object;
  readonly log: { error(message: string): void };
}

interface Call {
  readonly alerting: Alerting;
  readonly method: string;
  readonly parameters: URLSearchParams;
  readonly body: unknown;
  /** The last part of the path, if the route has a name there. */
  readonly name: string;
}

/** Returns the JSON of the reply. */
type Handler = (call: Call) => unknown;

/** The routes of Alertmanager's API v2, with their paths below `/alertmanager/`. */
const ALERTMANAGER: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  [
    "GET",
    /^silences$/,
    ({ alerting, parameters }) => alerting.silences.list(readFilter(parameters)),
  ],
  [
    "POST",
    /^silences$/,
    async ({ alerting, body }) => ({ silenceID: await alerting.silences.put(body) }),
  ],
  ["GET", /^silence\/(.+)$/, ({ alerting, name }) => alerting.silences.find(name)],
  ["DELETE", /^silence\/(.+)$/, ({ alerting, name }) => alerting.silences.expire(name)],
  [
    "GET",
    /^alerts$/,
    ({ alerting, parameters }) => listAlerts(alerting.listNotified(), parameters),
  ],
  ["GET", /^receivers$/, () => [{ name: "webhook" }]],
];

/**
 * Creates the handler of requests that are not queries: silences, receivers, and the state of the monitor.
 * @returns undefined for any other request
 */
export function createControl(
  parts: ControlParts,
): (request: ApiRequest) => Promise<TransferableReply> | undefined {
  return (request) => {
    const { path } = request;
    if (path === "/admin/status") return reply(request, parts, describeStatus);
    if (path.startsWith("/admin/")) return reply(request, parts, handleReceivers);
    if (path.startsWith("/alertmanager/")) return reply(request, parts, handleAlertmanager);
    return undefined;
  };
}

type Handle = (request: ApiRequest, parts: ControlParts) => unknown;

/** Never rejects: an error is in the reply, as its code and message. */
async function reply(
  request: ApiRequest,
  parts: ControlParts,
  handle: Handle,
): Promise<TransferableReply> {
  try {
    return toReply(200, await handle(request, parts));
  } catch (error) {
    if (error instanceof TepalError && Object.hasOwn(REQUEST_ERRORS, error.code)) {
      return toReply(error.status, { code: error.code, message: error.message });
    }
    parts.log.error(`Request ${request.path} failed: ${toMessage(error)}`);
    return toReply(500, {
      code: "INTERNAL",
      message: "The monitor failed. The server's log has the details.",
    });
  }
}

function toReply(status: number, body: unknown): TransferableReply {
  const json = new TextEncoder().encode(JSON.stringify(body ?? null));
  return { status, contentType: "application/json", body: json, gzip: false };
}

function describeStatus(_request: ApiRequest, parts: ControlParts): object {
  return {
    ...parts.describeState(),
    alerting: parts.alerting()?.counts() ?? null,
    receivers: parts.alerting()?.listReceivers() ?? [],
  };
}

function handleReceivers({ path, method }: ApiRequest, parts: ControlParts): unknown {
  const alerting = requireAlerting(parts);
  if (path === "/admin/receivers") return { receivers: alerting.listReceivers() };
  const [, id] = /^\/admin\/receivers\/([^/]+)\/test$/.exec(path) ?? [];
  if (id === undefined || method !== "POST") throw createNotFound();
  return alerting.testReceiver(id);
}

function handleAlertmanager(request: ApiRequest, parts: ControlParts): unknown {
  const { path, parameters, method = "GET", body } = request;
  const below = path.slice("/alertmanager/".length);
  if (below === "status") return describeAlertmanager(parts);
  for (const [expected, pattern, handler] of ALERTMANAGER) {
    const match = pattern.exec(below);
    if (match === null || expected !== method) continue;
    return handler({
      alerting: requireAlerting(parts),
      method,
      parameters: new URLSearchParams(parameters),
      body,
      name: match[1] ?? "",
    });
  }
  throw createNotFound();
}

function requireAlerting(parts: ControlParts): Alerting {
  const alerting = parts.alerting();
  if (alerting !== undefined) return alerting;
  throw new TepalError(
    "OVERLOADED",
    "Alerting is disabled, because rules or receivers are invalid. The server's log has the problems.",
  );
}

function createNotFound(): TepalError {
  return new TepalError(
    "NOT_FOUND",
    "There is no such path. The built-in evaluator has silences, silence/ID, alerts, receivers and status of Alertmanager's API v2.",
  );
}

/** As Alertmanager describes itself; clients read the version and the start. */
function describeAlertmanager({ version, startedMs }: ControlParts): object {
  return {
    cluster: { status: "disabled" },
    config: { original: "" },
    uptime: new Date(startedMs).toISOString(),
    versionInfo: {
      version,
      revision: `tepal-${version}`,
      branch: "tepal",
      buildUser: "",
      buildDate: "",
      goVersion: "",
    },
  };
}

function listAlerts(
  alerts: readonly NotifiedAlert[],
  parameters: URLSearchParams,
): readonly NotifiedAlert[] {
  const filter = readFilter(parameters);
  const includes = { active: parameters.get("active"), suppressed: parameters.get("silenced") };
  return alerts.filter(
    ({ labels, status }) =>
      includes[status.state] !== "false" &&
      filter.every(({ name, matches }) => matches(labels[name] ?? "")),
  );
}

/** @throws TepalError INVALID_INPUT */
function readFilter(parameters: URLSearchParams): readonly Matcher[] {
  return parameters.getAll("filter").flatMap((written) => {
    try {
      const { name, operator, value } = UNQUOTED.exec(written)?.groups ?? {};
      if (name !== undefined && operator !== undefined && value !== undefined) {
        return createMatcher(name, operator as MatcherType, value);
      }
      return parseMatchers([written.replace(/^\s*\{(.*)\}\s*$/s, "$1")]);
    } catch (error) {
      throw new TepalError(
        "INVALID_INPUT",
        `Expected a filter such as alertname="Down", got ${JSON.stringify(written)}: ${toMessage(error)}.`,
      );
    }
  });
}

/** A matcher whose value has no quotes, as amtool sends it. */
const UNQUOTED =
  /^\s*(?<name>[a-zA-Z_]\w*)\s*(?<operator>=~|!~|!=|=(?!~))\s*(?<value>(?![\s"])[^]*?)\s*$/;
