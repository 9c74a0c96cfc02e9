/** The dashboards that the console draws: those of the package, and those of the folder `--dashboards`. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The same from src/ and from dist/. */
const OWN_FOLDER = fileURLToPath(new URL("../../deploy/grafana/dashboards/", import.meta.url));
/** The dashboard that lists begin with; the others of the package follow by name, then the user's. */
const FIRST = "tepal-overview";
/** Node Exporter Full, one of the largest public dashboards, has 0.7 MB. */
const MAX_BYTES = 16 * 1_024 * 1_024;

/** An entry of the list of dashboards. */
export interface DashboardSummary {
  /** File name without `.json`: the dashboard's name in URLs. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Grafana's ID, by which links name it; empty without one. */
  readonly uid: string;
  /** The reason why it cannot be drawn; undefined if it can. */
  readonly problem?: string;
}

export interface DashboardList {
  readonly dashboards: readonly DashboardSummary[];
  /** Set if the folder `--dashboards` cannot be read. */
  readonly problem?: string;
}

/** Reads the folders with every call, so that a dashboard that is dropped there appears without a restart. */
export interface DashboardFiles {
  list(): Promise<DashboardList>;
  /**
   * Returns the JSON of a dashboard; undefined if there is none with this name.
   * @throws Error with the reason if the file is not a dashboard
   */
  read(name: string): Promise<string | undefined>;
}

/** @param userFolder its files replace those of the package with the same name; null for none */
export function createDashboardFiles(userFolder: string | null): DashboardFiles {
  const folders = userFolder === null ? [OWN_FOLDER] : [OWN_FOLDER, userFolder];

  async function findFiles(): Promise<ReadonlyMap<string, string>> {
    const listed = await Promise.all(folders.map((folder) => listFolder(folder).catch(() => [])));
    return new Map(listed.flat());
  }

  return {
    async list() {
      const files = await findFiles();
      const dashboards = await Promise.all(
        [...files].map(([name, path]) => readSummary(name, path)),
      );
      const isOwn = ({ name }: DashboardSummary): boolean =>
        files.get(name)?.startsWith(OWN_FOLDER) === true;
      const sorted = dashboards.toSorted(
        (a, b) =>
          Number(b.name === FIRST) - Number(a.name === FIRST) ||
          Number(isOwn(b)) - Number(isOwn(a)) ||
          a.name.localeCompare(b.name),
      );
      const problem = userFolder === null ? undefined : await findFolderProblem(userFolder);
      return { dashboards: sorted, ...(problem !== undefined && { problem }) };
    },

    async read(name) {
      const path = (await findFiles()).get(name);
      if (path === undefined) return undefined;
      const text = await readText(path);
      parseDashboard(text);
      return text;
    },
  };
}

/** Returns names and paths of the JSON files of a folder. */
async function listFolder(folder: string): Promise<(readonly [string, string])[]> {
  return (await readdir(folder))
    .filter((name) => name.endsWith(".json"))
    .map((name) => [name.slice(0, -".json".length), join(folder, name)] as const);
}

async function findFolderProblem(folder: string): Promise<string | undefined> {
  try {
    await readdir(folder);
    return undefined;
  } catch (error) {
    return `Cannot read the folder ${folder} of --dashboards: ${toCode(error)}. Create it, or correct the option.`;
  }
}

async function readSummary(name: string, path: string): Promise<DashboardSummary> {
  try {
    const { title, description, tags, uid } = parseDashboard(await readText(path));
    return {
      name,
      title: toText(title) || name,
      description: toText(description),
      tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [],
      uid: toText(uid),
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { name, title: name, description: "", tags: [], uid: "", problem };
  }
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) {
      throw new Error(`Expected at most ${MAX_BYTES / 1_024 / 1_024} MiB, got ${size} bytes.`);
    }
    // Other programs may have written a byte order mark.
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch (error) {
    const code = toCode(error);
    throw code === "" ? error : new Error(`Cannot read the file: ${code}.`, { cause: error });
  }
}

/** Returns the code of an error of the system; empty for another error. */
function toCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/**
 * Parses a dashboard as Grafana saves it, or as its API and its export return it: `{"dashboard": …}`.
 * @throws Error
 */
function parseDashboard(text: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Expected JSON: ${reason}.`, { cause: error });
  }
  const outer = toObject(json);
  const dashboard = toObject(outer?.["dashboard"]) ?? outer;
  if (!Array.isArray(dashboard?.["panels"]) && !Array.isArray(dashboard?.["rows"])) {
    throw new Error("Expected a dashboard of Grafana, with panels, got other JSON.");
  }
  return { ...dashboard };
}

function toObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? { ...value }
    : undefined;
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
