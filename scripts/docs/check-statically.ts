import { createFolder } from "../../test/support/folders.ts";
import { checkAttributes } from "./check-attributes.ts";
import { checkEndpoints } from "./check-endpoints.ts";
import { checkFiles } from "./check-files.ts";
import { checkFlags, readKnownFlags } from "./check-flags.ts";
import { checkLinks } from "./check-links.ts";
import { checkMetrics, readMetricNames } from "./check-metrics.ts";
import { checkSyntax } from "./check-syntax.ts";
import type { Page, Problem } from "./page.ts";
import { PATIENT, startUp } from "../servers/start-up.ts";
import { createPathCheck } from "./path-check.ts";

interface Surroundings {
  /** All pages, to which links may lead. */
  readonly all: readonly Page[];
  readonly root: string;
  readonly port: number;
}

/** Checks pages without running their blocks. A server answers which endpoints exist. */
export async function checkStatically(
  pages: readonly Page[],
  { all, root, port }: Surroundings,
): Promise<readonly Problem[]> {
  const byPath = new Map(all.map((page) => [page.path, page]));
  const metrics = readMetricNames(root);
  const flags = await readKnownFlags(root);
  const problems = pages.flatMap((page) => [
    ...checkAttributes(page),
    ...checkLinks(page, byPath, root),
    ...checkFiles(page, root),
    ...checkFlags(page, flags, root),
    ...checkMetrics(page, metrics),
    ...checkSyntax(page),
  ]);
  await using folder = await createFolder();
  await using server = await startUp(folder.path, { port, loadPort: port + 1 }, [
    ...PATIENT,
    "--no-persist",
  ]);
  const hasPath = createPathCheck(server);
  for (const page of pages) problems.push(...(await checkEndpoints(page, hasPath)));
  return problems;
}
