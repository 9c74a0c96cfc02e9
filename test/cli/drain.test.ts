import { Pool } from "undici";
import { describe, expect, it } from "vitest";
import { startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { copyIris, toIrisObject } from "../support/models.ts";

describe("SIGTERM under load", () => {
  it("loses no request: each is answered, until the server takes no more connections", async () => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    await using running = startCli(["serve", "--port", "0"], folder.path);
    const url = await waitForOutput(running, /(http:\/\/127\.0\.0\.1:\d+)/);
    const pool = new Pool(url, { connections: 32, pipelining: 1 });
    const outcomes = new Map<string, number>();
    const count = (what: string): void => void outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
    const body = JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2]));
    const headers = { "content-type": "application/json" };
    const ask = async (): Promise<void> => {
      for (;;) {
        try {
          const reply = await pool.request({ path: "/predict", method: "POST", headers, body });
          await reply.body.text();
          count(String(reply.statusCode));
        } catch (error) {
          // A connection that was never made: refused, or still waiting to be taken when the server closed its door.
          const isRefused =
            error instanceof Error && "syscall" in error && error.syscall === "connect";
          count(isRefused ? "refused" : String(error));
          if (isRefused) return;
        }
        if ((outcomes.get("200") ?? 0) === 500) running.process.kill("SIGTERM");
      }
    };
    await Promise.all(Array.from({ length: 32 }, ask));
    await pool.destroy();
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(outcomes.get("200")).toBeGreaterThan(500);
    expect([...outcomes.keys()].toSorted()).toEqual(["200", "refused"]);
  });
});
