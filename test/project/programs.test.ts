import { chmod, readFile, symlink, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createFolder } from "../support/folders.ts";

const PROGRAMS = fileURLToPath(new URL("../support/programs.ts", import.meta.url));

/** Calls the setup of all tests where no program is but an apt-get that notes how it is called. */
async function prepare(environment: Readonly<Record<string, string>>) {
  await using folder = await createFolder();
  const log = `${folder.path}/log`;
  await writeFile(log, "");
  await writeFile(`${folder.path}/apt-get`, `#!/bin/sh\necho "$@" >> ${log}\n`);
  await chmod(`${folder.path}/apt-get`, 0o755);
  await symlink("/bin/sh", `${folder.path}/sh`);
  const script = `import { setup } from ${JSON.stringify(PROGRAMS)}; setup();`;
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    env: { PATH: folder.path, ...environment },
    encoding: "utf8",
  });
  return { stderr, calls: (await readFile(log, "utf8")).split("\n").filter(Boolean) };
}

describe.runIf(process.getuid?.() === 0)("the programs that tests use", () => {
  it("are installed if they are missing, with a message", async () => {
    const { stderr, calls } = await prepare({});
    const packages =
      "prometheus prometheus-alertmanager prometheus-node-exporter docker-compose chromium openssl";
    expect(calls).toEqual(["update -qq", `install --yes --no-install-recommends ${packages} -qq`]);
    expect(stderr).toContain(`apt-get install --yes --no-install-recommends ${packages}`);
  });

  it("are left alone with TEPAL_NO_APT=1", async () => {
    expect(await prepare({ TEPAL_NO_APT: "1" })).toEqual({ stderr: "", calls: [] });
  });
});
