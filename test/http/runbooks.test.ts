import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startPrefixProxy } from "../support/prefix-proxy.ts";
import { startServer } from "../support/server.ts";

const RUNBOOKS = fileURLToPath(new URL("../../docs/runbooks", import.meta.url));

describe("runbooks", () => {
  it("are pages of the server, also below a prefix, and their links are found", async () => {
    await using server = await startServer();
    await using proxy = await startPrefixProxy(server.url, "/team/iris");
    const index = await fetch(`${proxy.url}/runbooks`);
    expect([index.status, index.url]).toEqual([200, `${proxy.url}/runbooks/`]);
    const names = (await readdir(RUNBOOKS)).map((name) => name.replace(/\.md$/, ""));
    const list = await index.text();
    for (const name of names) {
      expect(list).toContain(`<a href="${name}">${name}</a>`);
      const page = await fetch(`${proxy.url}/runbooks/${name}`);
      expect([name, page.status, page.headers.get("content-type")]).toEqual([
        name,
        200,
        "text/html; charset=utf-8",
      ]);
      const html = await page.text();
      expect(html).toContain(`<h1>${name}</h1>`);
      expect(html).toContain("<h2>Fix</h2>");
      // Nothing is left of the Markdown.
      expect(html.replaceAll(/<code>.*?<\/code>|<pre>.*?<\/pre>/gs, "")).not.toMatch(
        /\]\(|`|\*\*|^#/m,
      );
      for (const [, target = ""] of html.matchAll(/href="([^"]*)"/g))
        expect(names).toContain(target);
    }
    for (const path of ["/runbooks/Absent", "/runbooks/..%2fapi", "/runbooks/HighLatency.md"]) {
      expect((await server.get(path)).status).toBe(404);
    }
    expect(proxy.strays).toEqual([]);
  });
});
