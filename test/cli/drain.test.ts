import { describe, expect, it } from "vitest";
import { startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { keepRequesting } from "../support/keep-requesting.ts";
import { copyIris, toIrisObject } from "../support/models.ts";

const CONNECTIONS = 32;

describe("SIGTERM under load", () => {
  it("loses no request on any connection before a reply closes it", async () => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    await using running = startCli(["serve", "--port", "0"], folder.path);
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
