import { spawnSync } from "node:child_process";
import { chmod, cp, glob, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { OPTIONS } from "../../src/config/config.ts";
import { resolveOptions } from "../../src/config/resolve-options.ts";
import { createKey } from "../../src/http/access/api-keys.ts";
import { METRICS } from "../../src/metrics/names.ts";
import { runCli, startCli } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { startPrometheusWith } from "../support/monitoring.ts";
import { hasProgram } from "../support/programs.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string): Promise<string> => readFile(new URL(path, `file://${ROOT}`), "utf8");

/** The fields of a service that these tests read. */
interface Service {
  readonly image: string;
  readonly networks?: readonly string[];
  readonly network_mode?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly restart?: string;
  readonly mem_limit?: string;
  readonly pids_limit?: number;
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly profiles?: readonly string[];
}
interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks?: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

// A tag of Compose: removes the value that earlier files set.
const RESET = { tag: "!reset", collection: "seq", resolve: (value: unknown) => value } as const;
const toFile = (text: string): ComposeFile => parse(text, { merge: true, customTags: [RESET] });
const MAIN_TEXT = await read("compose.yaml");
const TLS_TEXT = await read("compose.tls.yaml");
const MAIN = toFile(MAIN_TEXT);
const TLS = toFile(TLS_TEXT);

/** All services with an image: those of compose.yaml, and Caddy. */
const SERVICES = [...Object.entries(MAIN.services), ["caddy", TLS.services["caddy"]!] as const];
const LONG_RUNNING = SERVICES.filter(([name]) => name !== "init");

describe("compose.yaml", () => {
  it("runs the services of the stack on one network", () => {
    expect(Object.keys(MAIN.services).toSorted()).toEqual([
      "alertmanager",
      "api",
      "cadvisor",
      "grafana",
      "init",
      "loadtest",
      "node-exporter",
      "prometheus",
    ]);
    expect(MAIN.networks).toEqual({ monitoring: { driver: "bridge" } });
    for (const [, service] of LONG_RUNNING) expect(service.networks).toEqual(["monitoring"]);
    expect(MAIN.services["init"]?.network_mode).toBe("none");
    expect(MAIN.services["cadvisor"]?.profiles).toEqual(["containers"]);
  });

  it("publishes ports on 127.0.0.1 only", () => {
    const ports = Object.values(MAIN.services).flatMap((service) => service.ports ?? []);
    expect(ports).toHaveLength(5);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{[A-Z]+_PORT:-\d+\}:\d+$/);
  });

  it.each(SERVICES)("%s has a pinned image that .env can override", (_name, { image }) => {
    const [, byDefault] = /^\$\{[A-Z_]+_IMAGE:-([^}]+)\}$/.exec(image) ?? [];
    expect(byDefault).toMatch(/^(tepal:local|[a-z./-]+:v?\d+\.\d+\.\d+(-alpine)?)$/);
  });

  it.each(SERVICES)("%s has minimal privileges and limited memory", (name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
    expect(service.privileged).toBeUndefined();
    expect(service.cap_add).toEqual(name === "caddy" ? ["NET_BIND_SERVICE"] : undefined);
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.pids_limit).toBeGreaterThan(0);
  });

  it.each(LONG_RUNNING)("%s restarts and has a health check", async (name, service) => {
    expect(service.restart).toBe("unless-stopped");
    if (name === "api") expect(await read("Dockerfile")).toMatch(/^HEALTHCHECK /m);
    else {
      // Tepal's image has no wget.
      const program = name === "loadtest" ? "node" : "wget";
      expect(service.healthcheck?.test?.slice(0, 2)).toEqual(["CMD", program]);
    }
  });

  it("mounts into each service its own secrets only, read-only, after init has created them", () => {
    const readers = SERVICES.filter(([name]) => name !== "init").flatMap(
      ([name, { volumes = [] }]) =>
        volumes
          .filter((volume) => volume.startsWith("secrets-"))
          .map((volume) => ({ name, volume })),
    );
    expect(readers).toEqual(
      ["api", "loadtest", "prometheus", "alertmanager", "grafana"].map((name) => ({
        name,
        volume: `secrets-${name}:/run/secrets-tepal:ro`,
      })),
    );
    for (const { name } of readers) {
      const { depends_on: needs } = MAIN.services[name]!;
      expect(needs?.["init"]?.condition).toBe("service_completed_successfully");
    }
  });

  it("declares every volume that it uses, and uses every volume that it declares", () => {
    const used = new Set(
      SERVICES.flatMap(([, { volumes = [] }]) => volumes)
        .map((volume) => volume.replace(/^\$\{[A-Z]+:-(\w+)\}/, "$1").split(":")[0] ?? "")
        .filter((source) => /^\w/.test(source)),
    );
    const declared = [...Object.keys(MAIN.volumes), ...Object.keys(TLS.volumes)];
    expect([...used].toSorted()).toEqual(declared.toSorted());
  });

  it("contains no secrets: keys and passwords are files, or come from .env, where they are empty", async () => {
    for (const [, { environment = {} }] of SERVICES) {
      for (const [name, value] of Object.entries(environment)) {
        if (/KEY|PASSWORD|SECRET|WEBHOOK/.test(name))
          expect(value).toMatch(/^(\/run\/secrets-tepal\/[\w.-]+|\/secrets|\$\{[A-Z_]+:-\})$/);
      }
    }
    for (const line of (await read(".env.example")).split("\n")) expect(line).toMatch(/^(#.*)?$/);
  });

  it(".env.example lists every variable with its default", async () => {
    const found = [...`${MAIN_TEXT}${TLS_TEXT}`.matchAll(/\$\{([A-Z_]+):-([^}]*)\}/g)];
    const expected = new Map(found.map(([, name = "", value = ""]) => [name, value]));
    const example = await read(".env.example");
    const shown = new Map(
      [...example.matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [
        name,
        value,
      ]),
    );
    // These have an example instead of a default.
    const examples = new Set(["COMPOSE_PROJECT_NAME", "ALERT_WEBHOOK_URL", "MODELS"]);
    expected.set("COMPOSE_PROJECT_NAME", "");
    expect([...shown.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
    for (const [name, value] of expected)
      if (!examples.has(name)) expect([name, shown.get(name)]).toEqual([name, value]);
  });

  it.runIf(hasProgram("docker-compose"))("docker-compose accepts it", () => {
    const { status, stderr } = spawnSync(
      "docker-compose",
      ["--file", "compose.yaml", "config", "--quiet"],
      { cwd: ROOT, encoding: "utf8" },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("Dockerfile", async () => {
  const text = await read("Dockerfile");
  const readNumber = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);

  it("checks the health within five seconds of the start", () => {
    expect(readNumber(/^HEALTHCHECK .*--interval=(\d+)s/m)).toBeLessThanOrEqual(5);
  });

  it("accepts connections for a second after SIGTERM, and ends within the ten seconds of docker stop", () => {
    const delay = readNumber(/TEPAL_SHUTDOWN_DELAY=(\d+)/);
    expect(delay).toBeGreaterThanOrEqual(1);
    expect(delay + readNumber(/TEPAL_DRAIN_TIMEOUT=(\d+)/)).toBeLessThan(10);
  });
});

describe("compose.tls.yaml", () => {
  it("names the URL, the proxy and the host of the API as its clients use them", async () => {
    const caddyfile = await read("deploy/caddy/Caddyfile");
    const prometheus = await read("deploy/prometheus/prometheus.yml");
    for (const text of [caddyfile, prometheus, MAIN_TEXT]) expect(text).toContain("api:8000");
    const { environment: main = {} } = MAIN.services["api"] ?? {};
    expect(main["TEPAL_ALLOWED_HOSTS"]?.split(",")).toContain("api");
    const { environment: tls = {} } = TLS.services["api"] ?? {};
    // Caddy keeps the Host header of clients: the name of the external URL is accepted.
    expect(tls["TEPAL_EXTERNAL_URL"]).toBe("https://${TLS_HOST:-localhost}");
    const flags = { trustProxy: tls["TEPAL_TRUST_PROXY"] };
    expect(resolveOptions(OPTIONS, { flags }).trustProxy).toHaveLength(3);
    const sites = [...caddyfile.matchAll(/^\{\$TLS_HOST\}\S* \{\n\t(.*)$/gm)].map(
      ([, first]) => first,
    );
    expect(sites).toEqual(["import hsts", "import hsts"]);
  });

  it("removes every published port and publishes ports of Caddy only", () => {
    const published = Object.entries(MAIN.services).filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name]) => name).toSorted()).toEqual([
      "alertmanager",
      "api",
      "grafana",
      "loadtest",
      "prometheus",
    ]);
    for (const [name] of published) {
      expect(TLS_TEXT).toMatch(new RegExp(`^ {2}${name}:\\n {4}ports: !reset \\[\\]$`, "m"));
    }
    const others = Object.entries(TLS.services).filter(
      ([, { ports }]) => ports !== undefined && ports.length > 0,
    );
    expect(others.map(([name]) => name)).toEqual(["caddy"]);
  });
});

describe("docs/monitoring-stack.md", async () => {
  const page = await read("docs/monitoring-stack.md");

  it.runIf(hasProgram("promtool"))(
    "creates native configurations that Prometheus and Alertmanager accept",
    async () => {
      const [, command = "false"] = /<!-- native -->\s*```sh\n([^`]+)```/.exec(page) ?? [];
      await using folder = await createFolder();
      await cp(`${ROOT}deploy`, `${folder.path}/deploy`, { recursive: true });
      const address = "https://hooks.example/a?b=c&d=e#f";
      await using running = startCli(["secrets", "make"], folder.path, {
        ALERT_WEBHOOK_URL: address,
      });
      await running.ended;
      const { status } = spawnSync("sh", ["-ec", command], { cwd: folder.path });
      expect(status).toBe(0);
      const made = `${folder.path}/secrets/prometheus.yml`;
      const checked = spawnSync("promtool", ["check", "config", made], { encoding: "utf8" });
      // promtool also checks that the rule files and the key file exist.
      expect(checked).toMatchObject({ status: 0, stderr: "" });
      const text = await readFile(made, "utf8");
      expect(text).not.toContain("cadvisor");
      for (const port of [8000, 8089, 9093, 9100]) expect(text).toContain(`"127.0.0.1:${port}"`);
      expect(text).toContain(`credentials_file: ${folder.path}/secrets/prometheus/metrics-key`);
      expect(text).toContain(`${folder.path}/deploy/prometheus/rules/*.yml`);
      // Debian's Alertmanager does not support url_file.
      const manager = `${folder.path}/secrets/alertmanager.yml`;
      const alertmanager = await readFile(manager, "utf8");
      expect(alertmanager).toContain(`- url: '${address}'`);
      expect(alertmanager).not.toMatch(/^ *- url_file/m);
      expect(spawnSync("amtool", ["check-config", manager])).toMatchObject({ status: 0 });
    },
  );

  it.runIf(hasProgram("prometheus"))(
    "links to pages that Debian's build of Prometheus has",
    async () => {
      await using folder = await createFolder();
      await writeFile(`${folder.path}/prometheus.yml`, "{}");
      await using prometheus = await startPrometheusWith([
        `--config.file=${folder.path}/prometheus.yml`,
        `--storage.tsdb.path=${folder.path}/data`,
      ]);
      const [, native = ""] = /^## Natively on Debian$([^]*?)^## /m.exec(page) ?? [];
      const paths = native.match(/(?<=<http:\/\/127\.0\.0\.1:9090)[^>]+/g) ?? [];
      expect(paths).toContain("/classic/targets");
      for (const path of paths) {
        const { status } = await fetch(`${prometheus.url}${path}`);
        expect([path, status]).toEqual([path, 200]);
      }
    },
    60_000,
  );

  it("advises against docker kill, after which Docker no longer restarts a container", async () => {
    const root = new URL("../../", import.meta.url);
    for await (const path of glob("{*.md,docs/**/*.md,deploy/**/*.yml,compose*.yaml}", {
      cwd: root,
    })) {
      for (const line of (await read(path)).split(/\n/)) {
        if (!/kill (--signal|-s)/.test(line)) continue;
        expect([path, line]).toEqual([path, expect.stringMatching(/Do not use|After `docker/)]);
      }
    }
  });

  it("names only metrics that exist", () => {
    const known = new Set(Object.values(METRICS).map(({ name }) => name));
    const named = [...page.matchAll(/\b(?:api|model|tepal)_[a-z_]+/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(known).toContain(name.replace(/_(bucket|sum|count)$/, ""));
  });

  it("links only to dashboards that exist", async () => {
    const uids = [...page.matchAll(/\(http:\/\/127\.0\.0\.1:3000\/d\/([\w-]+)\)/g)];
    expect(uids.length).toBeGreaterThan(3);
    for (const [, uid = ""] of uids) {
      expect(JSON.parse(await read(`deploy/grafana/dashboards/${uid}.json`))).toMatchObject({
        uid,
      });
    }
  });
});

describe("tepal secrets", () => {
  it("creates, shows and renews secrets, and prints them only in show", async () => {
    await using folder = await createFolder();
    const made = await runCli(["secrets", "make"], folder.path);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toBe(
      "Created: predict-key, admin-key, metrics-key, admin-password, webhook-url, load-key, load-password.\n",
    );
    const shown = await runCli(["secrets", "show"], folder.path);
    expect(shown.stdout).toMatch(/^predict-key {5}tepal_[\w-]{43}\nadmin-key {7}tepal_[\w-]{43}\n/);
    const renewed = await runCli(["secrets", "renew", "admin-key"], folder.path);
    expect(renewed.stdout).toBe("Created: admin-key.\n");
    const again = await runCli(["secrets", "show"], folder.path);
    const changed = again.stdout
      .split("\n")
      .filter((line, index) => line !== shown.stdout.split("\n")[index]);
    expect(changed).toEqual([expect.stringMatching(/^admin-key /)]);
  });

  it("warns of a .env that other users can read", async () => {
    await using folder = await createFolder();
    const path = `${folder.path}/.env`;
    await writeFile(path, "LOAD_PASSWORD=a-password\n");
    for (const mode of [0o644, 0o640, 0o600]) {
      await chmod(path, mode);
      const { code, stderr } = await runCli(["secrets", "make"], folder.path);
      expect(code).toBe(0);
      if (mode === 0o600) expect(stderr).toBe("");
      else expect(stderr).toContain("`chmod 600 .env`");
    }
  });

  it("rejects missing secrets and unknown names", async () => {
    await using folder = await createFolder();
    expect(await runCli(["secrets", "show"], folder.path)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("has no secrets"),
    });
    expect(await runCli(["secrets", "renew", "x"], folder.path)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Expected one of: predict-key"),
    });
  });

  it("reads values and its folder from the environment, and ignores empty variables", async () => {
    await using folder = await createFolder();
    const { text } = createKey("mine", "predict", "2026-01-01");
    await using running = startCli(["secrets", "make"], "/", {
      TEPAL_SECRETS: folder.path,
      PREDICT_KEY: text,
      ADMIN_KEY: "",
    });
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(await readFile(`${folder.path}/user/predict-key`, "utf8")).toBe(text);
    expect(await readFile(`${folder.path}/user/admin-key`, "utf8")).toMatch(/^tepal_/);
  });
});
