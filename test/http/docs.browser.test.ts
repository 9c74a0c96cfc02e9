import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { startPrefixProxy } from "../support/prefix-proxy.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

describe.runIf(hasProgram("chromium"))("/docs in a real browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it.each([
    ["", ""],
    ["/team/iris", "/"],
    ["/team/iris", "/?from=a-link"],
  ])(
    "renders without other hosts and without errors, and its Try it out predicts, below %j",
    async (prefix, slash) => {
      await using server = await startServer();
      await using proxy = await startPrefixProxy(server.url, prefix);
      const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
      const hosts = new Set<string>();
      const faults: string[] = [];
      page.on("request", (request) => hosts.add(new URL(request.url()).origin));
      page.on("pageerror", (error) => faults.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") faults.push(message.text());
      });

      await page.goto(`${proxy.url}/docs${slash}`);
      expect(await page.title()).toBe("Tepal API");
      const operation = page.locator("#operations-predictions-predict");
      await operation.locator(".opblock-summary-control").click();
      const body = operation.locator("textarea.body-param__text");
      await body.waitFor();
      expect(JSON.parse(await body.inputValue())).toEqual({
        sepal_length: 5.1,
        sepal_width: 3.5,
        petal_length: 1.4,
        petal_width: 0.2,
      });
      await operation.locator("button.execute").click();
      const reply = operation.locator(".live-responses-table .response .highlight-code").first();
      await reply.waitFor();
      expect(await reply.innerText()).toContain('"label": "setosa"');
      if (process.env["TEPAL_SCREENSHOTS"] !== undefined) {
        await page.screenshot({
          path: `${process.env["TEPAL_SCREENSHOTS"]}/docs.png`,
          fullPage: true,
        });
      }
      expect([...hosts]).toEqual([new URL(proxy.url).origin]);
      expect(proxy.strays).toEqual([]);
      expect(faults).toEqual([]);
      await page.close();
    },
  );
});
