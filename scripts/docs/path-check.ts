import { request } from "undici";
import type { RunningServer } from "../servers/start-up.ts";
import type { HasPath } from "./check-endpoints.ts";

/** Paths whose routes forward to others: only a reply to GET shows that there is something. */
const FORWARDED = /^\/(?:prometheus|alertmanager|console|docs|load)(?:\/|$)|^\/$/;

/** Returns a check of paths: a route replies to PUT, which none has, with status 405, and a path without a route with 404. */
export function createPathCheck({ url, loadPage }: RunningServer): HasPath {
  const found = new Map<string, Promise<boolean>>();
  return (server, path) => {
    const base = server === "api" ? url : loadPage;
    const key = `${base}${path}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    const isForwarded = FORWARDED.test(path);
    const result = isFound(key, isForwarded ? "GET" : "PUT");
    found.set(key, result);
    return result;
  };
}

async function isFound(url: string, method: "GET" | "PUT"): Promise<boolean> {
  const { statusCode, body } = await request(url, { method });
  await body.dump();
  return statusCode !== 404;
}
