import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createFolder } from "../../../test/support/folders.ts";
import {
  createApiKeys,
  createKey,
  readKeysFile,
  writeKeysFile,
} from "../../http/access/api-keys.ts";
import { KEYS_FILE, SECRETS, makeSecrets, readSecrets } from "./stack-secrets.ts";

const NOW = "2026-01-01T00:00:00.000Z";
const NAMES = SECRETS.map(({ name }) => name);

async function readAll(folder: string): Promise<Record<string, string>> {
  const secrets = await readSecrets(folder);
  return Object.fromEntries(secrets.map(({ name, value }) => [name, value]));
}

/** Returns the role of a secret's key according to the keys file. */
async function findRole(folder: string, name: string): Promise<string | undefined> {
  const keys = createApiKeys(await readKeysFile(join(folder, KEYS_FILE)));
  return keys.find((await readAll(folder))[name] ?? "")?.role;
}

describe("the secrets of the stack", () => {
  it("are created once: a second run changes no file", async () => {
    await using folder = await createFolder();
    expect(await makeSecrets(folder.path, {}, NOW)).toEqual(NAMES);
    const paths = [KEYS_FILE, ...SECRETS.map(({ path }) => path)].map((path) =>
      join(folder.path, path),
    );
    const read = (): Promise<unknown> =>
      Promise.all(
        paths.map(async (path) => [(await stat(path)).ino, await readFile(path, "utf8")]),
      );
    const before = await read();
    expect(await makeSecrets(folder.path, {}, "2027-01-01T00:00:00.000Z")).toEqual([]);
    expect(await read()).toEqual(before);
  });

  it("have the role of their name, and the keys file contains hashes only", async () => {
    await using folder = await createFolder();
    await makeSecrets(folder.path, {}, NOW);
    expect(await findRole(folder.path, "predict-key")).toBe("predict");
    expect(await findRole(folder.path, "admin-key")).toBe("admin");
    expect(await findRole(folder.path, "metrics-key")).toBe("metrics");
    expect(await findRole(folder.path, "load-key")).toBe("load");
    const stored = await readFile(join(folder.path, KEYS_FILE), "utf8");
    for (const text of Object.values(await readAll(folder.path)))
      expect(stored).not.toContain(text);
  });

  it("that two services need are equal, also after one was lost or a new value was given", async () => {
    await using folder = await createFolder();
    const read = (part: string): Promise<string> =>
      readFile(join(folder.path, part, "load-password"), "utf8");
    await makeSecrets(folder.path, {}, NOW);
    expect(await read("prometheus")).toBe(await read("loadtest"));
    await rm(join(folder.path, "prometheus/load-password"));
    expect(await makeSecrets(folder.path, {}, NOW)).toEqual([]);
    expect(await read("prometheus")).toBe(await read("loadtest"));
    await makeSecrets(folder.path, { "load-password": "another one" }, NOW);
    expect([await read("prometheus"), await read("loadtest")]).toEqual([
      "another one",
      "another one",
    ]);
  });

  it("differ between installations", async () => {
    await using one = await createFolder();
    await using other = await createFolder();
    await makeSecrets(one.path, {}, NOW);
    await makeSecrets(other.path, {}, NOW);
    const others = Object.values(await readAll(other.path));
    const shared = Object.values(await readAll(one.path)).filter((value) => others.includes(value));
    expect(shared).toEqual(["http://127.0.0.1:9093/no-webhook-url-is-set"]);
  });

  it("are readable by the service that mounts them; keys for users by their owner only", async () => {
    await using folder = await createFolder();
    await makeSecrets(folder.path, {}, NOW);
    const modeOf = async (path: string): Promise<string> =>
      ((await stat(join(folder.path, path))).mode & 0o777).toString(8);
    expect(await Promise.all(SECRETS.map(({ path }) => modeOf(path)))).toEqual([
      "400",
      "400",
      "444",
      "444",
      "444",
      "444",
      "444",
    ]);
    expect(await modeOf(KEYS_FILE)).toBe("600");
  });

  it.each(SECRETS)(
    "are completed after a first run that was interrupted before or while it wrote $name",
    async ({ name, path }) => {
      await using folder = await createFolder();
      await makeSecrets(folder.path, {}, NOW);
      await rm(join(folder.path, path));
      await writeFile(join(folder.path, `${path}.new`), "tep", { mode: 0o400 });
      expect(await makeSecrets(folder.path, {}, NOW)).toEqual([name]);
      expect(Object.keys(await readAll(folder.path))).toEqual(NAMES);
      expect(await readKeysFile(join(folder.path, KEYS_FILE))).toHaveLength(4);
      for (const role of ["predict", "admin", "metrics", "load"])
        expect(await findRole(folder.path, `${role}-key`)).toBe(role);
    },
  );

  it("are created again if their file is empty or truncated", async () => {
    await using folder = await createFolder();
    await mkdir(join(folder.path, "prometheus"));
    await writeFile(join(folder.path, "prometheus/metrics-key"), "tepal_abc");
    await mkdir(join(folder.path, "grafana"));
    await writeFile(join(folder.path, "grafana/admin-password"), "");
    expect(await makeSecrets(folder.path, {}, NOW)).toEqual(NAMES);
    expect(await findRole(folder.path, "metrics-key")).toBe("metrics");
    expect(await findRole(folder.path, "load-key")).toBe("load");
  });

  it("are kept after a run that was interrupted before it stored the hashes", async () => {
    await using folder = await createFolder();
    await makeSecrets(folder.path, {}, NOW);
    const before = await readAll(folder.path);
    await rm(join(folder.path, KEYS_FILE));
    expect(await makeSecrets(folder.path, {}, NOW)).toEqual([]);
    expect(await readAll(folder.path)).toEqual(before);
    expect(await findRole(folder.path, "metrics-key")).toBe("metrics");
    expect(await findRole(folder.path, "load-key")).toBe("load");
  });

  it("leave keys that users added in the keys file when one of them is replaced", async () => {
    await using folder = await createFolder();
    await makeSecrets(folder.path, {}, NOW);
    const keysFile = join(folder.path, KEYS_FILE);
    const shop = createKey("shop", "predict", NOW);
    await writeKeysFile(keysFile, [...(await readKeysFile(keysFile)), shop.stored]);
    const old = (await readAll(folder.path))["admin-key"] ?? "";
    await rm(join(folder.path, "user/admin-key"));
    await makeSecrets(folder.path, {}, NOW);
    const keys = createApiKeys(await readKeysFile(keysFile));
    expect(keys.find(shop.text)?.name).toBe("shop");
    expect(keys.find(old)).toBeUndefined();
  });

  it("take given values and keep them", async () => {
    await using folder = await createFolder();
    await makeSecrets(folder.path, {}, NOW);
    const { text } = createKey("mine", "predict", NOW);
    const given = { "predict-key": text, "webhook-url": "https://hooks.example/a?b=c" };
    expect(await makeSecrets(folder.path, given, NOW)).toEqual(["predict-key", "webhook-url"]);
    expect(await makeSecrets(folder.path, {}, NOW)).toEqual([]);
    expect(await readAll(folder.path)).toMatchObject(given);
    expect(await findRole(folder.path, "predict-key")).toBe("predict");
  });

  it.each([
    ["predict-key", "s3cret", "a key as printed by `tepal keys add`"],
    ["webhook-url", "hooks.example", "http:// or https://"],
    ["admin-password", "short", "at least 8 characters"],
    ["admin-password", "two\nlines of it", "at least 8 characters"],
  ] as const)("reject an invalid given %s and write nothing", async (name, value, why) => {
    await using folder = await createFolder();
    const made = makeSecrets(folder.path, { [name]: value }, NOW);
    await expect(made).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining(why),
    });
    // The message must not contain the value.
    await expect(made).rejects.not.toMatchObject({ message: expect.stringContaining(value) });
    expect(await readAll(folder.path)).toEqual({});
  });

  it("do not replace a damaged keys file", async () => {
    await using folder = await createFolder();
    await mkdir(join(folder.path, "api"));
    await writeFile(join(folder.path, KEYS_FILE), "{");
    await expect(makeSecrets(folder.path, {}, NOW)).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
    expect(await readFile(join(folder.path, KEYS_FILE), "utf8")).toBe("{");
  });
});
