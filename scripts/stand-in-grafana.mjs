// Replaces Grafana in tests of compose.yaml without an image registry. Reports its user and the mounted files.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const { GF_SECURITY_ADMIN_PASSWORD__FILE: passwordFile = "", GF_SERVER_ROOT_URL: root = "" } =
  process.env;
const STATE = "/var/lib/grafana/starts";

/** Reads every file below a folder. */
function readAll(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.map(({ parentPath, name }) => ({
    name,
    bytes: readFileSync(join(parentPath, name)).length,
  }));
}

function countStarts() {
  let before = 0;
  try {
    before = Number(readFileSync(STATE, "utf8"));
  } catch {
    // The first start.
  }
  writeFileSync(STATE, String(before + 1));
  return before + 1;
}

const found = {
  user: `${process.getuid()}:${process.getgid()}`,
  password: readFileSync(passwordFile, "utf8"),
  provisioning: readAll("/etc/grafana/provisioning"),
  dashboards: readAll("/var/lib/grafana/dashboards"),
  starts: countStarts(),
  root,
};

createServer((request, response) => {
  if (request.url === "/api/health") {
    response.end("{}");
    return;
  }
  void fetch("http://prometheus:9090/api/v1/query?query=up")
    .then((reply) => reply.json())
    .then((prometheus) => response.end(JSON.stringify({ ...found, prometheus, url: request.url })))
    .catch((error) => response.writeHead(502).end(String(error)));
}).listen(3000, "0.0.0.0");
process.once("SIGTERM", () => process.exit(0));
