import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { openBrowser } from "../support/browser.ts";
import { buildConsole, capture, findOverflow, openPage } from "../support/console.ts";
import { createFolder } from "../support/folders.ts";
import { toIrisObject } from "../support/models.ts";
import { startPrefixProxy } from "../support/prefix-proxy.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

const AXE = fileURLToPath(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url));

describe.runIf(hasProgram("chromium"))("/docs in a real browser", () => {
  let browser: Browser;
  let consoleFolder: string;
  beforeAll(async () => {
    consoleFolder = await buildConsole();
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it.each([
    ["", ""],
    ["/team/iris", "/?from=a-link"],
  ])(
    "shows real examples and sends requests, without other hosts, below %j",
    async (prefix, end) => {
      await using server = await startServer({}, { consoleFolder });
      await using proxy = await startPrefixProxy(server.url, prefix);
      const { page, faults, hosts } = await openPage(browser, `${proxy.url}/docs${end}`);
      const operation = page.locator("#predict");
      const body = operation.getByLabel("Body of POST /predict");
      await body.waitFor();
      expect(await page.title()).toBe("Tepal API");
      expect(JSON.parse(await body.inputValue())).toEqual(toIrisObject([5.1, 3.5, 1.4, 0.2]));
      const { json } = await server.get("/openapi.json");
      const { examples } = json.paths["/predict"].post.responses["200"].content["application/json"];
      const shown = await operation.locator(".response[open] .example code").allInnerTexts();
      expect(shown.map((text) => JSON.parse(text))).toEqual([
        examples.ordinary.value,
        examples.outlier.value,
      ]);
      await operation.getByRole("button", { name: "Send" }).click();
      const reply = operation.locator(".sender-reply");
      await reply.waitFor();
      expect(JSON.parse(await reply.innerText())).toMatchObject({ label: "setosa" });
      await body.fill("{}");
      await operation.getByRole("button", { name: "Send" }).click();
      await expect.poll(() => operation.locator(".reply-status").innerText()).toBe("422");
      expect([...hosts]).toEqual([new URL(proxy.url).origin]);
      expect(proxy.strays).toEqual([]);
      expect(faults).toEqual([]);
      await capture(page, "docs");
      await page.close();
    },
  );

  it("has no accessibility violation in either theme, and fits 360 px", async () => {
    await using server = await startServer({}, { consoleFolder });
    for (const colorScheme of ["light", "dark"] as const) {
      const options = { colorScheme, viewport: { width: 360, height: 800 }, bypassCSP: true };
      const { page } = await openPage(browser, `${server.url}/docs/`, options);
      await page.locator("#predict .sender").waitFor();
      expect(await findOverflow(page)).toBe(0);
      await page.addScriptTag({ content: await readFile(AXE, "utf8") });
      const violations = await page.evaluate<readonly string[]>(
        "axe.run().then(({ violations }) => violations.map(({ id }) => id))",
      );
      expect(violations).toEqual([]);
      await page.close();
    }
  });

  it("has a form for the key", async () => {
    await using folder = await createFolder();
    const file = `${folder.path}/keys.json`;
    const { text, stored } = createKey("client", "predict", "2026-01-01T00:00:00.000Z");
    await writeKeysFile(file, [stored]);
    await using server = await startServer({ apiKeysFile: file }, { consoleFolder });
    const { page, faults } = await openPage(browser, `${server.url}/docs/`);
    await page.getByLabel("API key").fill(text);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator("#predict .sender").waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });
});
