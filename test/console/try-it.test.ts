import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { buildConsole, capture, findOverflow, openPage } from "../support/console.ts";
import { createFolder } from "../support/folders.ts";
import {
  copyIris,
  importNullable,
  MAHALANOBIS_ROWS,
  IRIS,
  toIrisObject,
  trainIris,
  trainPlane,
} from "../support/models.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";

const run = promisify(execFile);
const HEADER = "sepal_length,sepal_width,petal_length,petal_width";
const TYPICAL = toIrisObject([5.1, 3.5, 1.4, 0.2]);

async function prepare(models: string): Promise<void> {
  await copyIris(models);
  await trainPlane(models);
  await importNullable(models);
  await importNullable(models, MAHALANOBIS_ROWS);
  const rows = IRIS.map(({ row: [length] }, i) => `${length},${"ab"[i % 2]},${i < 50}`);
  const text = `length,letter,isSetosa\n${rows.join("\n")}\n`;
  await trainIris(models, {
    name: "mixed",
    data: { name: "mixed.csv", text },
    target: "isSetosa",
    units: {},
    trees: 4,
  });
}

const predict = (page: Page): Promise<void> =>
  page.getByRole("button", { name: "Predict", exact: true }).click();

const readValues = (page: Page, selector: string): Promise<(string | null)[]> =>
  page
    .locator(`${selector} data`)
    .evaluateAll((elements) => elements.map((element) => element.getAttribute("value")));

describe.runIf(hasProgram("chromium"))("Try it and Model", () => {
  const resources = new AsyncDisposableStack();
  let browser: Browser;
  let server: TestServer;
  beforeAll(async () => {
    const consoleFolder = await buildConsole();
    browser = await openBrowser();
    resources.defer(() => browser.close());
    server = resources.use(
      await startServer(
        { monitor: true, persist: false, scrapeInterval: 0.5 },
        { consoleFolder, prepare },
      ),
    );
  });
  afterAll(() => resources.disposeAsync());

  const open = (path: string, options = {}) =>
    openPage(browser, `${server.url}/console/#/${path}`, options);

  it("predicts a typical row without any input, and shows the reply of the API", async () => {
    const { page, faults, hosts } = await open("try");
    const series = 'model_requests_total{model="iris",version="1",result="success"}';
    await page.locator(".scatter .point").first().waitFor();
    expect(await server.metric(series)).toBe(0);
    await predict(page);
    await page.locator(".predicted-value").waitFor();
    const { json } = await server.post("/predict", TYPICAL);
    expect(await page.locator(".predicted-value").innerText()).toBe(json.label);
    expect(await readValues(page, ".shares")).toEqual(
      Object.values<number>(json.probabilities).map(String),
    );
    // The page's prediction and this test's.
    expect(await server.metric(series)).toBe(2);
    expect(await page.locator(".scatter-frame svg > .point").count()).toBe(150);
    await page.locator("#nearest-title ~ .table-frame tbody tr").first().waitFor();
    const nearest = await server.post("/models/iris/nearest", TYPICAL);
    expect(await readValues(page, "#nearest-title ~ .table-frame")).toEqual(
      nearest.json.rows.map(({ distance }: { distance: number }) => String(distance)),
    );
    expect([...hosts]).toEqual([server.url]);
    expect(faults).toEqual([]);
    await capture(page, "try");
    await page.close();
  });

  it("explains an outlier at its field and in the verdict, predicts changes, and is in the URL", async () => {
    const { page, faults } = await open("try/iris");
    const field = page.getByLabel("sepal_length", { exact: true });
    await predict(page);
    await page.locator(".notice.is-good").waitFor();
    await field.fill("100");
    await page.locator(".feature.is-warned .feature-warning").waitFor();
    const { json } = await server.post("/predict", { ...TYPICAL, sepal_length: 100 });
    const [range, outlier] = json.warnings;
    expect(await page.locator(".feature-warning").allInnerTexts()).toEqual([range.message]);
    const verdict = await page.locator(".notice.is-warn").innerText();
    expect(verdict).toContain(`(p-value ${outlier.p_value.toPrecision(2)})`);
    expect(verdict).toContain(`The limit of the p-value is ${outlier.alpha}.`);
    await page.reload();
    expect(await field.inputValue()).toBe("100");
    // The server's own message, at the field.
    await field.fill("five");
    await field.press("Enter");
    await page.locator(".field-problem").waitFor();
    const bad = await server.post("/predict", { ...TYPICAL, sepal_length: "five" });
    expect(await page.locator(".field-problem").allInnerTexts()).toEqual([
      bad.json.errors[0].detail,
    ]);
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("predicts regressions, and rows with a missing value", async () => {
    const { page, faults } = await open("try/plane?x.a=3&x.b=2");
    await predict(page);
    await page.locator(".strip").waitFor();
    const { json } = await server.post("/models/plane/predict", { a: 3, b: 2 });
    expect(await page.locator(".predicted-value").getAttribute("value")).toBe(
      String(json.prediction),
    );
    // The second version keeps no training rows, with which the trust check could compare the present values.
    for (const [version, verdict] of [
      [1, "Like the training data"],
      [2, "Not checked: a value is missing"],
    ] as const) {
      await page.getByLabel("Model").selectOption(`nullable/${version}`);
      await page.getByLabel("x1", { exact: true }).fill("");
      await predict(page);
      await page.getByText(verdict, { exact: true }).waitFor();
    }
    expect(faults).toEqual([]);
    await page.close();
  });

  it("states that it shows no rows of a model with categories, which has a trust check", async () => {
    const { page, faults } = await open("try/mixed");
    await predict(page);
    await page.getByText("Like the training data", { exact: true }).waitFor();
    const main = page.locator("main");
    await page.getByText("No reference rows to show").waitFor();
    await page.getByText("No row to compare with").waitFor();
    expect(await main.innerText()).not.toContain("has no trust check");
    expect(await main.innerText()).toContain("The model has categories, or no trust check.");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("writes programs that run", async () => {
    await using folder = await createFolder();
    const { page } = await open("try");
    const { json: expected } = await server.post("/models/iris/predict", TYPICAL);
    const read = async (language: string): Promise<string> => {
      await page.locator(".segment", { hasText: language }).click();
      return page.locator(".snippet").innerText();
    };
    await page.locator(".snippet").waitFor();
    const script = join(folder.path, "request.sh");
    await writeFile(script, await read("curl"));
    const curl = JSON.parse((await run("sh", [script])).stdout);
    expect(curl).toEqual({ ...expected, id: curl.id });

    const program = join(folder.path, "request.mts");
    await writeFile(program, await read("TypeScript"));
    const { stdout } = await run(process.execPath, [program]);
    expect(stdout).toContain(`label: '${expected.label}'`);

    const python = await read("Python");
    expect(python).toContain(`"${server.url}/models/iris/predict"`);
    if (existsSync("/usr/bin/python3")) {
      const file = join(folder.path, "request.py");
      await writeFile(file, python);
      expect((await run("python3", [file])).stdout).toContain(`'label': '${expected.label}'`);
    }
    await page.close();
  });

  it("predicts a large CSV file, downloads the API's reply, and can be cancelled", async () => {
    await using folder = await createFolder();
    const rows = Array.from({ length: 100_000 }, (_, i) => IRIS[i % 150]!.row.join());
    const text = `${HEADER}\n${rows.slice(0, 8_000).join("\n")}\nx,1,1,1\n`;
    const small = join(folder.path, "rows.csv");
    const large = join(folder.path, "large.csv");
    await writeFile(small, text);
    await writeFile(large, `${HEADER}\n${rows.join("\n")}\n`);
    const { page, faults } = await open("try?view=csv");
    const input = page.getByLabel("Select a CSV file");
    await input.setInputFiles(small);
    await predict(page);
    await page.getByText(/^8,001 rows, .* 1 bad row$/).waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download CSV" }).click();
    const saved = await readFile(await (await download).path(), "utf8");
    const whole = await server.send("/models/iris/predict/batch", {
      method: "POST",
      headers: { "content-type": "text/csv" },
      body: text,
    });
    expect(saved).toBe(whole.text);
    expect(await page.locator("#result-title").innerText()).toBe("Predictions");
    expect(await page.locator(".table-frame tbody tr").count()).toBe(200);

    // The third part stays in flight, so that the file cannot be finished before it is cancelled.
    let parts = 0;
    await page.route(/predict\/batch/, async (route) => {
      parts++;
      if (parts < 3) await route.continue();
    });
    await input.setInputFiles(large);
    await predict(page);
    await expect.poll(() => parts).toBe(3);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText(/^Cancelled after /).waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  it("shows the numbers of the training report and of the history, and reloads", async () => {
    for (const { row } of IRIS) await server.post("/predict", toIrisObject(row));
    const query = async (expr: string): Promise<number> => {
      const { json } = await server.get(
        `/prometheus/api/v1/query?query=${encodeURIComponent(expr)}`,
      );
      return Number(json.data.result[0]?.value[1] ?? 0);
    };
    const rows = 'sum(increase(model_feature_bin_total{feature="petal_width",version="1"}[1h]))';
    // Increases need two scrapes after the first rows.
    await expect.poll(() => query(rows)).toBeGreaterThan(100);
    const { page, faults } = await open("model");
    const { json: manifest } = await server.get("/models/iris");
    await page.locator(".matrix").waitFor();
    const cells = await page.locator(".matrix tbody td").allInnerTexts();
    expect(cells.map(Number)).toEqual(manifest.training.confusion.flat());
    expect(await readValues(page, ".shares")).toEqual(
      manifest.training.importances.map(({ share }: { share: number }) => String(share)),
    );
    for (const digest of Object.values<string>(manifest.files)) {
      expect(await page.getByText(digest).count()).toBe(1);
    }
    // The distance from the training data, and then the limit of the rule.
    const shown = page.locator('[data-name="petal_width"] data').first();
    await shown.waitFor({ timeout: 90_000 });
    // Live rows are the training rows: the index of the recording rule is near 0, and that of the page is the same.
    expect(Number(await shown.getAttribute("value"))).toBeLessThan(0.1);
    await capture(page, "model");
    await page.getByRole("button", { name: "Reload models" }).click();
    await page.getByText("requires an API key with the role admin").waitFor();
    await page.goto(`${server.url}/console/#/model/nullable`);
    await page.getByText("This version has no training report").waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  it("fits 360 px", async () => {
    for (const path of ["try", "try?view=csv", "model", "model/plane"]) {
      const { page } = await open(path, { viewport: { width: 360, height: 740 } });
      await page.locator("#facts-title, .try-card").first().waitFor();
      expect([path, await findOverflow(page)]).toEqual([path, 0]);
      await page.close();
    }
  });
});
