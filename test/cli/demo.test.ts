import { describe, expect, it } from "vitest";
import { startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { copyIris } from "../support/models.ts";
import { until } from "../support/workers.ts";

describe("tepal up --demo", () => {
  it("predicts by itself until Ctrl-C", async () => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    const words = [
      "up",
      "--demo",
      "--no-load",
      "--no-persist",
      "--port",
      "0",
      "--log-level",
      "error",
    ];
    await using running = startCli(words, folder.path);
    const url = await waitForOutput(running, /Console {2}(http:\/\/127\.0\.0\.1:\d+)\/console/);
    await waitForOutput(running, /an outlier and an invalid row now and then/);
    const success = /model_requests_total\{model="iris",version="1",result="success"\} [2-9]/;
    await until(async () => success.test(await (await fetch(`${url}/metrics`)).text()));
    running.process.kill("SIGINT");
    const { code, stderr } = await running.ended;
    expect([code, stderr]).toEqual([0, ""]);
  });
});
