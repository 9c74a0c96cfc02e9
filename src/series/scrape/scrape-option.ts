import { parseHttpAddress } from "../http-address.ts";

/** An item of `--scrape`: what is scraped, and under which job. */
export interface ScrapeItem {
  readonly job: string;
  readonly url: string;
}

const ITEM = /^(?:([^=:/?#]+)=)?(https?:\/\/.+)$/;
const DEFAULT_PATH = "/metrics";

/** `JOB=URL`, or a URL alone, whose host is then the job. Without a path, it is /metrics. */
export function parseScrapeItem(item: string): ScrapeItem | undefined {
  const [, job, address = ""] = ITEM.exec(item) ?? [];
  const url = parseHttpAddress(address);
  if (url === undefined) return undefined;
  if (url.pathname === "/" && !address.replace(/^https?:\/\//, "").includes("/")) {
    url.pathname = DEFAULT_PATH;
  }
  return { job: job ?? url.hostname, url: url.href };
}

export function findScrapeFault(item: string): string | undefined {
  if (parseScrapeItem(item) !== undefined) return undefined;
  return (
    "it is no http:// or https:// address, with JOB= before it or not, such as node=http://127.0.0.1:9100/metrics; " +
    "a % in a user or password is written %25"
  );
}
