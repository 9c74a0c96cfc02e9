import { once } from "node:events";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { createKey } from "../../src/http/access/api-keys.ts";
import { startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { SCRIPT } from "../support/load-page.ts";
import { copyIris } from "../support/models.ts";

/** Returns the statuses of several new connections, so that each worker replies to some. */
async function listStatuses(url: string, key: string): Promise<string> {
  const headers = { authorization: `Bearer ${key}`, connection: "close" };
  const replies = Array.from({ length: 6 }, async () => {
    const reply = await request(url, { headers });
    await reply.body.dump();
    return reply.statusCode;
  });
  return [...new Set(await Promise.all(replies))].join();
}

const countLines = (output: string, what: RegExp): number => output.match(what)?.length ?? 0;

describe("a server of two workers", () => {
  it("follows its keys behind a swapped link, without a signal; broken keys change nothing", async () => {
    await using folder = await createFolder();
    const at = (name: string): string => join(folder.path, name);
    const keys = ["first", "second"].map((name) =>
      createKey(name, "admin", new Date().toISOString()),
    );
    for (const [i, key] of keys.entries()) {
      await mkdir(at(String(i)));
      await writeFile(at(`${i}/api-keys.json`), JSON.stringify({ keys: [key.stored] }));
    }
    await mkdir(at("2"));
    await writeFile(at("2/api-keys.json"), "{");
    const swap = async (i: number): Promise<void> => {
      await symlink(String(i), at("..new"));
      await rename(at("..new"), at("..data"));
    };
    await swap(0);
    await symlink("..data/api-keys.json", at("api-keys.json"));
    await copyIris(at("models"));
    const words = ["serve", "--port", "0", "--workers", "2", "--api-keys-file", "api-keys.json"];
    await using running = startCli(words, folder.path);
    const url = `${await waitForOutput(running, /workers serve (http:\/\/127\.0\.0\.1:\d+)/)}/models`;
    const [first = "", second = ""] = keys.map(({ text }) => text);
    expect([await listStatuses(url, first), await listStatuses(url, second)]).toEqual([
      "200",
      "401",
    ]);

    await swap(1);
    await expect.poll(() => listStatuses(url, second)).toBe("200");
    expect(await listStatuses(url, first)).toBe("401");
    await expect.poll(() => countLines(running.output(), /reloaded the API keys/g)).toBe(2);

    await swap(2);
    const broken = /cannot reload the API keys, keeping the earlier ones/g;
    await expect.poll(() => countLines(running.output(), broken)).toBe(2);
    expect(await listStatuses(url, second)).toBe("200");
    // Later looks at the same file log nothing; the next file is read.
    await swap(0);
    await expect.poll(() => listStatuses(url, first)).toBe("200");
    expect(countLines(running.output(), broken)).toBe(2);
  });
});

describe("the load page", () => {
  it("follows the files of both keys, and survives SIGHUP", async () => {
    await using folder = await createFolder();
    const at = (name: string): string => join(folder.path, name);
    await writeFile(at("script.ts"), SCRIPT);
    await writeFile(at("web-key"), "password-1");
    await writeFile(at("api-key"), "api-1");
    const seen = new Set<string>();
    const api = createServer(({ headers }, reply) => {
      seen.add(headers.authorization ?? "none");
      reply.end("{}");
    }).listen(0, "127.0.0.1");
    await once(api, "listening");
    const { port } = api.address() as AddressInfo;
    const words = ["load", "script.ts", `--host=http://127.0.0.1:${port}`, "--key-file=api-key"];
    words.push("--web-port=0", "--web-key-file=web-key", "--users=1");
    await using running = startCli(words, folder.path);
    const page = await waitForOutput(running, /Page {4}(http:\/\/127\.0\.0\.1:\d+)/);
    const send = async (path: string, key: string, body?: object): Promise<number> => {
      const reply = await request(`${page}${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: body === undefined ? null : JSON.stringify(body),
      });
      await reply.body.dump();
      return reply.statusCode;
    };
    expect(await send("/api/load", "password-1")).toBe(200);

    await writeFile(at("web-key"), "password-2");
    await expect.poll(() => send("/api/load", "password-2")).toBe(200);
    expect(await send("/api/load", "password-1")).toBe(401);
    expect(running.output()).toMatch(/reloaded the key of the page/);

    // A signal needs no second look. Too short a key is logged, and the earlier one stays.
    await writeFile(at("web-key"), "short");
    running.process.kill("SIGHUP");
    await waitForOutput(running, /(cannot reload the key of the page, keeping the earlier one)/);
    expect(await send("/api/load", "password-2")).toBe(200);

    for (const key of ["api-1", "api-2"]) {
      await writeFile(at("api-key"), key);
      seen.clear();
      expect(await send("/api/load/start", "password-2", {})).toBe(202);
      await expect.poll(() => [...seen].join()).toBe(`Bearer ${key}`);
      expect(await send("/api/load/stop", "password-2", {})).toBe(200);
    }
    await writeFile(at("api-key"), "two words");
    expect(await send("/api/load/start", "password-2", {})).toBe(202);
    await expect.poll(() => [...seen].join()).toBe("Bearer api-2");
    expect(running.output()).toContain("using the earlier key");
    api.closeAllConnections();
    api.close();
  });
});
