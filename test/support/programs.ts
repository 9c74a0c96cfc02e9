import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian's package that has a program which some tests use for real. */
const PACKAGES = {
  promtool: "prometheus",
  prometheus: "prometheus",
  amtool: "prometheus-alertmanager",
  "prometheus-alertmanager": "prometheus-alertmanager",
  "prometheus-node-exporter": "prometheus-node-exporter",
  "docker-compose": "docker-compose",
  chromium: "chromium",
  openssl: "openssl",
} as const;
type Program = keyof typeof PACKAGES;

function isInstalled(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Returns true if a program is installed. Otherwise prints the command that installs it, and the tests that need it are
 * skipped; in CI a missing program is a failure.
 */
export function hasProgram(program: Program): boolean {
  if (isInstalled(program)) return true;
  const how = `${program} is missing: install it with \`apt-get install ${PACKAGES[program]}\``;
  if (process.env["CI"] !== undefined) throw new Error(how);
  process.stderr.write(`skipped: ${how}\n`);
  return false;
}

/**
 * Installs missing programs on Debian, as root, unless TEPAL_NO_APT=1. Stops the services that come with the packages.
 * Vitest calls it once, before all tests.
 */
export function setup(): void {
  const missing = Object.entries(PACKAGES).filter(([program]) => !isInstalled(program));
  if (missing.length === 0 || process.env["TEPAL_NO_APT"] === "1") return;
  if (!isInstalled("apt-get") || process.getuid?.() !== 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  const command = `apt-get install --yes --no-install-recommends ${packages.join(" ")}`;
  process.stderr.write(
    `The tests use programs that are missing. Installing (TEPAL_NO_APT=1 declines):\n  ${command}\n`,
  );
  const { status } = spawnSync("sh", ["-c", `apt-get update -qq && ${command} -qq`], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0)
    process.stderr.write("apt-get failed: tests that need the missing programs are skipped.\n");
  const services = packages.filter((name) => name.startsWith("prometheus"));
  if (services.length > 0 && isInstalled("systemctl")) {
    spawnSync("systemctl", ["disable", "--now", ...services], { stdio: "ignore" });
  }
}
