/**
 * Images to test compose.yaml without an image registry: a base image with Node.js, built by debootstrap, and on it Debian's
 * Prometheus, Alertmanager, node-exporter and Caddy with the user, folders and entry point of the real images.
 * `stand-in-grafana.mjs` replaces Grafana and reports what is mounted.
 */
import { spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BASE = "tepal-stand-in:base";
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** Image variables of compose.yaml, with the build stage of each stand-in. */
const STAGES = {
  PROMETHEUS_IMAGE: "prometheus",
  ALERTMANAGER_IMAGE: "alertmanager",
  NODE_EXPORTER_IMAGE: "node-exporter",
  GRAFANA_IMAGE: "grafana",
  CADDY_IMAGE: "caddy",
} as const;

const DOCKERFILE = `
FROM ${BASE} AS programs
RUN printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d \\
 && apt-get update -qq && apt-get install -y -qq --no-install-recommends \\
    prometheus prometheus-alertmanager prometheus-node-exporter caddy libcap2-bin
FROM programs AS prometheus
RUN install -d -o nobody -g nogroup /prometheus && rm -rf /etc/prometheus && mkdir /etc/prometheus
USER nobody
WORKDIR /prometheus
VOLUME /prometheus
ENTRYPOINT ["/usr/bin/prometheus"]
FROM programs AS alertmanager
RUN install -d -o nobody -g nogroup /alertmanager /etc/alertmanager
USER nobody
WORKDIR /alertmanager
VOLUME /alertmanager
ENTRYPOINT ["/usr/bin/prometheus-alertmanager"]
FROM programs AS node-exporter
USER nobody
ENTRYPOINT ["/usr/bin/prometheus-node-exporter"]
FROM programs AS grafana
RUN install -d -o 472 -g 0 -m 777 /var/lib/grafana
COPY stand-in-grafana.mjs /
USER 472
ENTRYPOINT ["node", "/stand-in-grafana.mjs"]
FROM programs AS caddy
RUN setcap cap_net_bind_service=+ep /usr/bin/caddy && mkdir /data /config
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
WORKDIR /srv
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
`;

/** Builds the images, which takes some minutes the first time. @returns the image variables for compose.yaml */
export async function buildStandIns(): Promise<Record<string, string>> {
  if (spawnSync("docker", ["image", "inspect", BASE]).status !== 0) await buildBase();
  const folder = await mkdtemp(join(tmpdir(), "tepal-stand-ins-"));
  try {
    await writeFile(join(folder, "Dockerfile"), DOCKERFILE);
    await cp(join(ROOT, "scripts/stand-in-grafana.mjs"), join(folder, "stand-in-grafana.mjs"));
    const variables: Record<string, string> = { NODE_IMAGE: BASE };
    for (const [variable, stage] of Object.entries(STAGES)) {
      const tag = `tepal-stand-in:${stage}`;
      run("docker", [
        "build",
        "--quiet",
        "--network",
        "host",
        "--target",
        stage,
        "--tag",
        tag,
        folder,
      ]);
      variables[variable] = tag;
    }
    return variables;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Builds Debian with the certificates of this machine, the project's Node.js and the npm of this machine. */
async function buildBase(): Promise<void> {
  console.log("building the base image with debootstrap (first time only)");
  const folder = await mkdtemp(join(tmpdir(), "tepal-base-"));
  try {
    const packages = "--include=ca-certificates,wget,libatomic1,libstdc++6";
    run("debootstrap", ["--variant=minbase", packages, "bookworm", folder]);
    await cp(process.execPath, join(folder, "usr/local/bin/node"));
    const npm = join(await realpath(findNpm()), "../..");
    await cp(npm, join(folder, "usr/local/lib/npm"), { recursive: true, dereference: true });
    const script = '#!/bin/sh\nexec node /usr/local/lib/npm/bin/npm-cli.js "$@"\n';
    await writeFile(join(folder, "usr/local/bin/npm"), script, { mode: 0o755 });
    await writeFile(join(folder, CERTIFICATES), await readFile(CERTIFICATES));
    const change = `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`;
    run("sh", [
      "-c",
      `tar -C "$1" -c . | docker import --change "$2" - ${BASE}`,
      "sh",
      folder,
      change,
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function findNpm(): string {
  return run("sh", ["-c", "command -v npm"]).trim();
}

function run(program: string, words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: "utf8" });
  if (error !== undefined) throw new Error(`${program} is not installed`, { cause: error });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}
