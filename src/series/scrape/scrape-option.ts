import type { Parser } from "../../kernel/check.ts";
import { custom, secret } from "../../kernel/check/values.ts";
import { HTTP_URL_ADVICE, parseHttpUrl } from "../../kernel/http-url.ts";

/** An item of `--scrape`: a URL and its job. */
export interface ScrapeItem {
  readonly job: string;
  readonly url: string;
}

const ITEM = /^(?:([^=:/?#]+)=)?(https?:\/\/.+)$/;
const DEFAULT_PATH = "/metrics";

/** Parses `JOB=URL`, or a URL alone, whose host is the job. The default path is /metrics. */
export function parseScrapeItem(item: string): ScrapeItem | undefined {
  const [, job, address = ""] = ITEM.exec(item) ?? [];
  const url = parseHttpUrl(address);
  if (url === undefined) return undefined;
  if (url.pathname === "/" && !address.replace(/^https?:\/\//, "").includes("/")) {
    url.pathname = DEFAULT_PATH;
  }
  return { job: job ?? url.hostname, url: url.href };
}

/** Checks an item of `--scrape`. It may contain a secret. */
export const SCRAPE_ITEM: Parser<string> = secret(
  custom(
    "a URL with or without JOB= before it, for example node=http://127.0.0.1:9100/metrics",
    (given) =>
      typeof given === "string" && parseScrapeItem(given) !== undefined ? given : undefined,
    HTTP_URL_ADVICE,
  ),
);
