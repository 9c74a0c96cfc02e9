import { describe, expect, it, vi } from "vitest";
import { startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { keepRequesting } from "../support/keep-requesting.ts";
import { copyIris, toIrisObject } from "../support/models.ts";

vi.setConfig({ testTimeout: 240_000 });

const CONNECTIONS = 32;

describe("SIGTERM under load", () => {
  it("loses no request on any connection before a reply closes it", async () => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    // On a busy machine the server must not reject the requests of a test.
    const words = ["serve", "--port", "0", "--max-event-loop-lag", "60"];
    await using running = startCli(words, folder.path);
    const url = await waitForOutput(running, /(http:\/\/127\.0\.0\.1:\d+)/);
    const statuses: number[] = [];
    const onReply = (status: number): void => {
      statuses.push(status);
      if (statuses.length === 501) running.process.kill("SIGTERM");
    };
    const row = toIrisObject([5.1, 3.5, 1.4, 0.2]);
    await Promise.all(Array.from({ length: CONNECTIONS }, () => keepRequesting(url, row, onReply)));
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(statuses.length).toBeGreaterThan(500 + CONNECTIONS / 2);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});
