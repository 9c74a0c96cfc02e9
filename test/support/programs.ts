import { spawnSync } from "node:child_process";

/** Debian's package that has a program which some tests use for real. */
const PACKAGES = {
  promtool: "prometheus",
  chromium: "chromium",
  openssl: "openssl",
  "docker-compose": "docker-compose",
} as const;
type Program = keyof typeof PACKAGES;

/**
 * Whether a program is there to be tested with. Where it is not, the tests that need it are skipped with the
 * command that installs it printed; in CI a missing program is a failure.
 */
export function hasProgram(program: Program): boolean {
  const found =
    spawnSync(program, [program === "openssl" ? "version" : "--version"]).error === undefined;
  if (found) return true;
  const how = `${program} is missing: install it with \`apt-get install ${PACKAGES[program]}\``;
  if (process.env["CI"] !== undefined) throw new Error(how);
  process.stderr.write(`skipped: ${how}\n`);
  return false;
}
