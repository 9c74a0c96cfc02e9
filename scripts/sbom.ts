/**
 * Writes dist/sbom.cdx.json, the software bill of materials of the package in CycloneDX's format: `npm run sbom`. It lists what
 * `npm install tepal` installs according to package-lock.json, with the SHA-512 of each tarball. The same commit gives the same
 * bytes, so what `npm sbom` adds of the moment, the folder and npm's version is replaced or left out.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import packageJson from "../package.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PATH = `${ROOT}dist/sbom.cdx.json`;

interface Component {
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly properties?: unknown;
}
interface Bom {
  readonly metadata: { readonly lifecycles: unknown; readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * Returns "name@version" of each package that `npm install tepal` installs. `npm sbom --omit=dev` cannot be used: npm 11 leaves
 * out packages that a development dependency needs too, among them yaml.
 */
async function listInstalled(): Promise<ReadonlySet<string>> {
  const lock: { readonly packages: Readonly<Record<string, { readonly version: string }>> } =
    JSON.parse(await readFile(`${ROOT}package-lock.json`, "utf8"));
  const installed = Object.entries(lock.packages).filter(
    ([path, entry]) =>
      path.startsWith("node_modules/") &&
      !["dev", "optional", "link"].some((flag) => flag in entry),
  );
  return new Set(
    installed.map(([path, { version }]) => `${path.replace(/^.*node_modules\//, "")}@${version}`),
  );
}

function readBom(): Bom {
  const flags = ["--workspaces=false", "--package-lock-only"];
  const { status, stdout, stderr } = spawnSync(
    "npm",
    ["sbom", "--sbom-format=cyclonedx", ...flags],
    { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26, shell: process.platform === "win32" },
  );
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`);
  return JSON.parse(stdout);
}

/** Returns one entry for each key, sorted: npm 10 repeats a package that is installed in two folders. */
function sortUnique<Entry>(entries: readonly Entry[], toKey: (entry: Entry) => string): Entry[] {
  const byKey = new Map(entries.map((entry) => [toKey(entry), entry]));
  return [...byKey.keys()].toSorted().map((key) => byKey.get(key)!);
}

/** Returns a UUID of version 8 that depends on the text alone. */
function toUuid(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const bom = readBom();
const installed = await listInstalled();
const components = bom.components.filter(({ name, version }) =>
  installed.has(`${name}@${version}`),
);
const root = bom.metadata.component["bom-ref"];
const kept = new Set([root, ...components.map((component) => component["bom-ref"])]);
const content = {
  metadata: {
    lifecycles: bom.metadata.lifecycles,
    component: { ...bom.metadata.component, name: packageJson.name, properties: undefined },
  },
  components: sortUnique(components, (component) => component["bom-ref"]).map((component) => ({
    ...component,
    properties: undefined,
  })),
  dependencies: sortUnique(
    bom.dependencies.filter(({ ref }) => kept.has(ref)),
    ({ ref }) => ref,
  ).map(({ ref, dependsOn }) => ({
    ref,
    dependsOn: dependsOn.filter((other) => kept.has(other)).toSorted(),
  })),
};
const text = JSON.stringify(
  {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    serialNumber: `urn:uuid:${toUuid(JSON.stringify(content))}`,
    version: 1,
    ...content,
  },
  undefined,
  2,
);
await mkdir(`${ROOT}dist`, { recursive: true });
await writeFile(PATH, `${text}\n`);
