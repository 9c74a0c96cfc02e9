import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { openBrowser } from "../support/browser.ts";
import { createFolder } from "../support/folders.ts";
import { toIrisObject } from "../support/models.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

/** Serves an empty page on an origin of its own. */
async function servePage(): Promise<AsyncDisposable & { readonly origin: string }> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>shop</title>");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("Expected a server on a port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface PageReply {
  readonly status: number;
  readonly id: string | null;
  readonly body: { readonly label?: string; readonly code?: string };
}

/** Sends a prediction from a script of the page; null if the browser blocks the reply. */
function predictFromPage(page: Page, url: string, key: string): Promise<PageReply | null> {
  return page.evaluate(
    async ([address, body, authorization]) => {
      try {
        const headers = { "content-type": "application/json", authorization };
        const reply = await fetch(address, { method: "POST", headers, body });
        const id = reply.headers.get("x-request-id");
        return { status: reply.status, id, body: JSON.parse(await reply.text()) };
      } catch {
        return null;
      }
    },
    [
      `${url}/predict`,
      JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2])),
      `Bearer ${key}`,
    ] as const,
  );
}

describe.runIf(hasProgram("chromium"))("a page of another origin in a real browser", () => {
  it("predicts with a key if its origin is listed, and is blocked otherwise", async () => {
    await using folder = await createFolder();
    const apiKeysFile = join(folder.path, "keys.json");
    const { text, stored } = createKey("shop", "predict", "2026-01-01");
    await writeKeysFile(apiKeysFile, [stored]);
    await using named = await servePage();
    await using other = await servePage();
    await using server = await startServer({ apiKeysFile, corsOrigins: [named.origin] });
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(named.origin);
      expect(await predictFromPage(page, server.url, text)).toMatchObject({
        status: 200,
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        body: { label: "setosa" },
      });
      expect(await predictFromPage(page, server.url, "wrong")).toMatchObject({
        status: 401,
        body: { code: "UNAUTHORIZED" },
      });
      await page.goto(other.origin);
      expect(await predictFromPage(page, server.url, text)).toBeNull();
    } finally {
      await browser.close();
    }
  });
});
