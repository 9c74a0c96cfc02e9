import type { Browser, Page } from "playwright-core";

/** Moves the range of the page by a minute, which queries all visible panels anew. Returns milliseconds until all are drawn. */
export async function measureRefresh(page: Page): Promise<number> {
  return page.evaluate<number>(`(async () => {
    const start = performance.now();
    globalThis.__end = (globalThis.__end ?? Date.now() - 86_400_000) + 60_000;
    location.hash = location.hash.replace(/\\?.*/, "") + "?from=" + (__end - 3_600_000) + "&to=" + __end;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return (await __settled()) - start;
  })()`);
}

/** In the page: waits until all visible panels have their data and nothing is drawn any more. */
const PROBE = `
  globalThis.__settled = async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
    const isBusy = () => {
      const panels = [...document.querySelectorAll(".panel")];
      return panels.length === 0 || document.querySelector(".panel-body > *") === null || document.querySelector('.panel[aria-busy="true"]') !== null ||
        document.querySelector('.panel .plot:empty') !== null;
    };
    let quiet = 0;
    let end = 0;
    // A frame after the data, the drawing of the last charts may still be in the queue.
    while (quiet < 5) {
      const at = await frame();
      if (isBusy()) quiet = 0;
      else if (quiet++ === 0) end = at;
    }
    return end;
  };
`;

export async function openPage(browser: Browser, height: number): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height } });
  const page = await context.newPage();
  await page.addInitScript(PROBE);
  return page;
}
