import type { ApiParts as Monitor } from "../../../src/monitor/api/api.ts";
import { toFailure, toSuccess, type PlainReply } from "../../../src/monitor/api/envelope.ts";
import { findEndpoint, QUERY_ENDPOINTS } from "../../../src/monitor/api/query-endpoints.ts";
import { TepalError } from "../../../src/kernel/errors.ts";
import type { LabContent } from "../../lab/lab-content.ts";
import type { ApiParts } from "../lib/api.ts";
import { asText, asTexts, asObject } from "../grafana/json.ts";

const MONITOR = "prometheus/api/v1/";
const DASHBOARDS = "console/dashboards";

/**
 * Returns a function in the place of `fetch` that replies to the requests of the console from a recording, without a server: by the
 * endpoints of the server's Prometheus API.
 */
export function createLabServer(
  monitor: Monitor,
  dashboards: LabContent["dashboards"],
): ApiParts["fetch"] {
  return async (url, { body, signal }) => {
    const [path = "", query = ""] = url.split("?");
    const form = typeof body === "string" ? body : query;
    // A task of its own, so that the page draws between the queries of a dashboard.
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    const reply = path.startsWith(MONITOR)
      ? queryMonitor(monitor, decodeURIComponent(path.slice(MONITOR.length)), form)
      : readPage(path, dashboards);
    const headers = { "content-type": reply.contentType };
    return new Response(reply.body, { status: reply.status, headers });
  };
}

function queryMonitor(monitor: Monitor, path: string, form: string): PlainReply {
  try {
    const found = findEndpoint(path, QUERY_ENDPOINTS);
    if (found === undefined) throw new TepalError("NOT_FOUND", `There is no endpoint ${path}`);
    const { endpoint, name } = found;
    const parameters = new URLSearchParams(form);
    return toSuccess(endpoint(monitor, { parameters, name, waitedSeconds: 0 }));
  } catch (error) {
    return toFailure(error);
  }
}

/** Replies to a request below the console's own URL. */
function readPage(path: string, dashboards: LabContent["dashboards"]): PlainReply {
  if (path === "console/source") return toReply(200, { kind: "recording", url: null });
  if (path === DASHBOARDS) return toReply(200, { dashboards: listDashboards(dashboards) });
  const name = path.startsWith(`${DASHBOARDS}/`) ? path.slice(DASHBOARDS.length + 1) : "";
  return Object.hasOwn(dashboards, name)
    ? toReply(200, dashboards[name])
    : toReply(404, { detail: `The lab has no ${path}.` });
}

function listDashboards(dashboards: LabContent["dashboards"]): readonly object[] {
  return Object.entries(dashboards).map(([name, json]) => {
    const { title, description, tags, uid } = asObject(json);
    return {
      name,
      title: asText(title),
      description: asText(description),
      tags: asTexts(tags),
      uid: asText(uid),
    };
  });
}

function toReply(status: number, json: unknown): PlainReply {
  const body = new TextEncoder().encode(JSON.stringify(json));
  return { status, contentType: "application/json", body };
}
