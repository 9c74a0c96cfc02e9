import { readFile, readdir } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
};

/** A Content-Security-Policy: files of this server only, and no script or style inside the document. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Headers of the pages of the web application, beside their policy. */
export const PAGE_HEADERS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  // With "no-referrer", browsers would send "Origin: null" with the page's own forms.
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** A file in memory. */
export interface PageFile {
  readonly type: string;
  /** Value of the header Cache-Control. */
  readonly caching: string;
  readonly body: Buffer;
}

/** Reads the built web application. Returns its files by URL path, for example `/index.html`; empty if it is not built. */
export async function readPageFiles(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, PageFile>();
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const urlPath = `/${relative(folder, path).split(sep).join("/")}`;
    // The names below assets/ contain a hash of the file.
    const isHashed = urlPath.startsWith("/assets/");
    const caching = isHashed ? "public, max-age=31536000, immutable" : "no-cache";
    files.set(urlPath, { type, caching, body: await readFile(path) });
  }
  return files;
}

/** A reply with a page or one of its files. */
export interface PageReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

export function toPageReply({ type, caching, body }: PageFile): PageReply {
  const headers = {
    "content-type": type,
    "cache-control": caching,
    "content-security-policy": PAGE_POLICY,
  };
  return { status: 200, headers, body };
}

/**
 * The reply in place of a page that has not been built.
 * @param title HTML
 * @param alternative HTML about what works without the page
 */
export function toNotBuiltReply(title: string, alternative: string): PageReply {
  return {
    status: 503,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'",
    },
    body: `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Tepal</title>
<h1>${title}</h1>
<p>Build it in Tepal's folder, then reload this URL:</p>
<pre>npm run build</pre>
<p>${alternative}</p>
`,
  };
}
