import { Client } from "undici";
import { describe, expect, it } from "vitest";
import { startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { copyIris, toIrisObject } from "../support/models.ts";

const CONNECTIONS = 32;

describe("SIGTERM under load", () => {
  it("answers every request on every connection, each until it is told that it closes", async () => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    await using running = startCli(["serve", "--port", "0"], folder.path);
    const url = await waitForOutput(running, /(http:\/\/127\.0\.0\.1:\d+)/);
    const body = JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2]));
    const headers = { "content-type": "application/json" };
    const statuses: number[] = [];
    let isStopping = false;

    /** A client that keeps its connection, always asks, and goes elsewhere when it is told to. */
    async function ask(): Promise<void> {
      const client = new Client(url);
      for (;;) {
        const reply = await client.request({ path: "/predict", method: "POST", headers, body });
        await reply.body.text();
        statuses.push(reply.statusCode);
        if (statuses.length > 500 && !isStopping) {
          isStopping = true;
          running.process.kill("SIGTERM");
        }
        if (reply.headers["connection"] === "close") break;
      }
      await client.close();
    }

    await Promise.all(Array.from({ length: CONNECTIONS }, ask));
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(statuses.length).toBeGreaterThan(500 + CONNECTIONS / 2);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});
