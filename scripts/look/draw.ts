/** Draws dashboards of a recording in Chromium, with Grafana's components. */
import { createRequire } from "node:module";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { CACHE } from "./install.ts";
import type { Recording } from "./record.ts";

const WIDTH = 1_280;
const COLORS = 64;
const JOBS: Readonly<Record<string, string>> = { job: "tepal", instance: ".+", model: ".+" };

export interface Look {
  /** URL of the Prometheus with the recording. */
  readonly url: string;
  readonly recording: Recording;
  readonly mode: "dark" | "light";
  readonly page: { readonly script: string; readonly style: string };
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--allow-file-access-from-files",
    ],
  });
}

/** Draws one dashboard to a file. @returns errors of its panels */
export async function draw(
  browser: Browser,
  dashboard: string,
  file: string,
  look: Look,
): Promise<readonly string[]> {
  const page = await newPage(browser, look.mode);
  const errors = await drawInPage(page, JSON.parse(await readFile(dashboard, "utf8")), look);
  await page.mouse.move(0, 0);
  await writeFile(file, toPalette(await page.screenshot({ fullPage: true })));
  await page.close();
  return errors;
}

/** Opens a page in the time zone UTC. */
export function newPage(browser: Browser, mode: Look["mode"]): Promise<Page> {
  return browser.newPage({
    viewport: { width: WIDTH, height: 900 },
    colorScheme: mode,
    timezoneId: "UTC",
  });
}

/** Draws one dashboard in a page, which becomes as high as the dashboard. @returns errors of its panels */
export async function drawInPage(
  page: Page,
  dashboard: object,
  { url, recording, mode, page: { script, style } }: Look,
): Promise<readonly string[]> {
  const input = {
    dashboard,
    url,
    from: recording.start,
    to: recording.end,
    mode,
    variables: JOBS,
    scrapeSeconds: 5,
  };
  const html = join(CACHE, "page.html");
  await writeFile(
    html,
    `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="${pathToFileURL(style).href}">
<div id="root"></div><script>
window.grafanaBootData = { settings: { featureToggles: {} }, user: {} };
window.look = ${JSON.stringify(input).replaceAll("<", String.raw`\u003c`)};
</script><script src="${pathToFileURL(script).href}"></script>`,
  );
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(pathToFileURL(html).href);
  await page.evaluate("window.lookDone");
  errors.push(...(await page.evaluate<string[]>("window.lookErrors")));
  const height = await page.evaluate<number>("document.getElementById('root').scrollHeight");
  await page.setViewportSize({ width: WIDTH, height });
  return errors;
}

interface Upng {
  decode(file: ArrayBuffer): { readonly width: number; readonly height: number };
  toRGBA8(image: object): ArrayBuffer[];
  encode(frames: ArrayBuffer[], width: number, height: number, colors: number): ArrayBuffer;
}

/** Reduces a PNG to a palette, which makes it a third of its size. */
export function toPalette(png: Buffer, colors = COLORS): Uint8Array {
  const upng: Upng = createRequire(join(CACHE, "package.json"))("upng-js");
  const bytes = new Uint8Array(png).buffer;
  const image = upng.decode(bytes);
  return new Uint8Array(upng.encode(upng.toRGBA8(image), image.width, image.height, colors));
}
