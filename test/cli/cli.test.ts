import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readVersion } from "../../src/version.ts";
import { runCli, startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { copyIris, PLANE_CSV, toIrisObject } from "../support/models.ts";

const ADDRESS = /(http:\/\/127\.0\.0\.1:\d+)/;

async function predict(url: string, body: object, path = "/predict"): Promise<unknown> {
  const reply = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return await reply.json();
}

describe("tepal", () => {
  it("prints its version and its help, and exits with 0", async () => {
    const version = await runCli(["--version"], "/");
    expect(version).toEqual({ code: 0, stdout: `${readVersion()}\n`, stderr: "" });
    const help = await runCli(["--help"], "/");
    expect(help.code).toBe(0);
    for (const command of ["up", "serve", "train"]) expect(help.stdout).toContain(command);
    const train = await runCli(["train", "--help"], "/");
    for (const flag of ["--data", "--target", "--trees", "--seed", "--unit"]) {
      expect(train.stdout).toContain(flag);
    }
  });

  it.each([
    [["tarin"], "Did you mean train?"],
    [["train", "--tree", "5"], "--trees"],
    [
      ["train", "--trees", "0"],
      'Invalid option --trees: Expected an integer from 1 to 10000, got "0".',
    ],
    [
      ["train", "--trees", "0", "--seed", "x"],
      '--seed: Expected an integer from 0 to 4294967295, got "x".',
    ],
    [["train", "--data", "a.csv"], "Invalid option --target: Missing."],
    [
      ["train", "--max-features", "most"],
      'Invalid option --max-features: Expected sqrt, log2, all, an integer ≥ 1, or a number > 0 and < 1, got "most".',
    ],
    [["train", "--max-features", "5"], "Invalid option --max-features: Expected"],
    [["train", "--unit", "x"], "FEATURE=UNIT"],
    [["train", "--name", "../x"], "Invalid option --name: Expected 1 to 64 letters"],
    [["serve", "--port", "x"], '--port: Expected an integer from 0 to 65535, got "x".'],
    [["serve", "--config", "nope.json"], "Cannot read --config nope.json"],
    [["serve", "--ood-alpha", "2"], "--ood-alpha: Expected a number > 0 and < 1"],
  ])("exits with 2 and a message for the command line %j", async (words, message) => {
    await using folder = await createFolder();
    const run = await runCli(words, folder.path);
    expect(run.stderr).toContain(message);
    expect(run.code).toBe(2);
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe("tepal train", () => {
  it("trains Iris, prints the report, and writes consecutive versions", async () => {
    await using folder = await createFolder();
    const first = await runCli(["train"], folder.path);
    expect(first.code).toBe(0);
    for (const text of [
      "150 rows",
      "accuracy",
      "log-loss",
      "out of bag",
      "precision",
      "petal_width",
    ]) {
      expect(first.stdout).toContain(text);
    }
    expect(first.stdout).toContain("Wrote models/iris/1");
    expect(first.stdout).toMatch(/\n\nNext, serve it at \/predict:\n\n {2}tepal serve\n$/);
    const second = await runCli(["train", "--trees", "16"], folder.path);
    expect(second.stdout).toContain("Wrote models/iris/2");
  });

  it("ends with the command that serves the model, beside the default model that stays", async () => {
    await using folder = await createFolder();
    await runCli(["train", "--models", "my models", "--trees", "8"], folder.path);
    await writeFile(join(folder.path, "apples.csv"), PLANE_CSV);
    const words = ["train", "--data", "apples.csv", "--target", "y", "--trees", "8"];
    const { stdout } = await runCli([...words, "--models", "my models"], folder.path);
    expect(stdout).toContain(
      "Next, serve it at /models/apples/predict; /predict remains with iris (--default-model apples changes that):\n\n" +
        "  tepal serve --models 'my models'\n",
    );
    await using running = startCli(["serve", "--models", "my models", "--port", "0"], folder.path);
    const url = await waitForOutput(running, ADDRESS);
    expect(await predict(url, toIrisObject([5.1, 3.5, 1.4, 0.2]))).toMatchObject({
      model: { name: "iris" },
    });
  });

  it("trains on a CSV file with its name, delimiter, task and units", async () => {
    await using folder = await createFolder();
    await writeFile(join(folder.path, "my plane (1).csv"), PLANE_CSV.replaceAll(",", ";"));
    const words = ["train", "--data", "my plane (1).csv", "--target", "y", "--delimiter", ";"];
    const run = await runCli([...words, "--unit", "a=m/s", "--trees", "8"], folder.path);
    // The table of the columns, and no message. A slow machine shows progress.
    const lines = run.stderr.split("\n").filter((line) => !/^(?:|Training y: .*)$/.test(line));
    expect(lines).toEqual([
      expect.stringMatching(/^Column .*notes$/),
      expect.stringMatching(/^a +number .*0 to 9\.5 m\/s$/),
      expect.stringMatching(/^b +number /),
    ]);
    expect(run.stdout).toContain("R²");
    const manifest = await readFile(join(folder.path, "models/my-plane-1/1/manifest.json"), "utf8");
    expect(JSON.parse(manifest)).toMatchObject({
      name: "my-plane-1",
      task: "regression",
      features: [
        { name: "a", unit: "m/s" },
        { name: "b", unit: null },
      ],
      provenance: { data: "my plane (1).csv" },
    });
  });

  it("names row and column of invalid data, exits with 1 and writes nothing", async () => {
    await using folder = await createFolder();
    await writeFile(join(folder.path, "bad.csv"), "a,y\n1,p\noops,q\n3,p\n");
    const run = await runCli(["train", "--data", "bad.csv", "--target", "y"], folder.path);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('row 2 (line 3), column "a": Expected a number, got "oops".');
    const missing = await runCli(["train", "--data", "nope.csv", "--target", "y"], folder.path);
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nope.csv cannot be read"),
    });
    expect(await readdir(folder.path)).toEqual(["bad.csv"]);
  });

  it("writes nothing and exits with 130 when it is interrupted", async () => {
    await using folder = await createFolder();
    await using data = await createFolder();
    // The first progress line comes after a sixth of the work, which takes much longer than Iris.
    const rows = Array.from({ length: 120 }, (_, i) => `${i % 97},${i % 89},${(i * i) % 83}`);
    const file = join(data.path, "slow.csv");
    await writeFile(file, `a,b,y\n${rows.join("\n")}\n`);
    const words = ["train", "--data", file, "--target", "y", "--task", "regression"];
    await using running = startCli([...words, "--trees", "10000"], folder.path);
    await waitForOutput(running, /Training \w+: \d+ %/);
    running.process.kill("SIGINT");
    const { code, stderr } = await running.ended;
    expect(stderr).toContain("ancelled");
    expect(code).toBe(130);
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe("tepal up", () => {
  it("trains if there is no model, serves, prints the URLs, and stops on Ctrl-C", async () => {
    await using folder = await createFolder();
    const words = ["up", "--port", "0", "--no-load", "--max-event-loop-lag", "60"];
    await using running = startCli(words, folder.path);
    const url = await waitForOutput(running, ADDRESS);
    await waitForOutput(running, /Press Ctrl-C to stop/);
    expect(running.output()).toContain("Training the Iris example");
    for (const path of ["/predict", "/docs", "/models", "/metrics"]) {
      expect(running.output()).toContain(`${url}${path}`);
    }
    const row = toIrisObject([5.1, 3.5, 1.4, 0.2]);
    expect(await predict(url, row)).toMatchObject({ prediction: 0, label: "setosa" });
    running.process.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 0 });

    await using again = startCli(["up", "--port", "0", "--no-load"], folder.path);
    await waitForOutput(again, /Press Ctrl-C to stop/);
    expect(again.output()).not.toContain("Training");
    again.process.kill("SIGTERM");
    expect(await again.ended).toMatchObject({ code: 0 });
    expect(await readdir(join(folder.path, "models/iris"))).toEqual(["1"]);
  });
});

describe("tepal serve", () => {
  it("reads options from file, environment and flags, and loads a new version on SIGHUP", async () => {
    await using folder = await createFolder();
    await mkdir(join(folder.path, "m"));
    await runCli(["train", "--models", "m", "--trees", "8"], folder.path);
    const config = { models: "m", port: 1, maxBatchRows: 2 };
    await writeFile(join(folder.path, "tepal.config.json"), JSON.stringify(config));
    await using running = startCli(["serve", "--port", "0"], folder.path, {
      TEPAL_MAX_BATCH_ROWS: "1",
      // On a busy machine the server must not reject the requests of a test.
      TEPAL_MAX_EVENT_LOOP_LAG: "60",
    });
    const url = await waitForOutput(running, ADDRESS);
    const rows = {
      instances: [
        [5.1, 3.5, 1.4, 0.2],
        [5.1, 3.5, 1.4, 0.2],
      ],
    };
    expect(await predict(url, rows, "/predict/batch")).toMatchObject({
      errors: [{ detail: "Expected 1 row, got 2." }],
    });
    await runCli(["train", "--models", "m", "--trees", "8", "--seed", "7"], folder.path);
    running.process.kill("SIGHUP");
    await waitForOutput(running, /version 2 is ready/);
    const row = toIrisObject([5.1, 3.5, 1.4, 0.2]);
    expect(await predict(url, row)).toMatchObject({ model: { version: 2 } });
    running.process.kill("SIGTERM");
    const { code, stderr, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(stdout).toBe("");
    for (const line of stderr.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("msg");
  });

  it("answers a SIGHUP during the start after it", async () => {
    await using folder = await createFolder();
    await copyIris(join(folder.path, "models"));
    await using running = startCli(["serve", "--port", "0", "--no-monitor"], folder.path);
    await waitForOutput(running, /version 1 is ready/);
    running.process.kill("SIGHUP");
    const url = await waitForOutput(running, ADDRESS);
    await waitForOutput(running, /SIGHUP: reloading/);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  it("exits with 1 and names the port that is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    await using folder = await createFolder();
    await mkdir(join(folder.path, "models"));
    const run = await runCli(["serve", "--port", port], folder.path);
    other.close();
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(
      `Cannot listen on 127.0.0.1:${port}: Another program uses this port.`,
    );
  });
});
