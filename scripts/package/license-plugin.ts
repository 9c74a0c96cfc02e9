import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "rolldown";

/** Writes the licenses of all packages in the bundle into a file beside it. @param root folder of package.json */
export function createLicensePlugin(root: string, fileName: string): Plugin {
  return {
    name: "licenses",
    async generateBundle(_options, bundle) {
      const ids = Object.values(bundle).flatMap((output) =>
        output.type === "chunk" ? output.moduleIds : [],
      );
      const folders = Map.groupBy(ids, (id) => PACKAGE_FOLDER.exec(id)?.[0] ?? root);
      folders.delete(root);
      const sections = await Promise.all(
        [...folders].map(([folder, files]) => describeLicense(folder, files, root)),
      );
      // A package may be installed in two folders.
      const unique = [...new Set(sections)].toSorted();
      this.emitFile({ type: "asset", fileName, source: unique.join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}

const PACKAGE_FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly author?: string;
}

/** Returns the name of a package, its license's name, and the license. @param files its files in the bundle */
async function describeLicense(
  folder: string,
  files: readonly string[],
  root: string,
): Promise<string> {
  const json: PackageJson = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const legal = (await readdir(folder))
    .filter((name) => /^(?:licen[cs]e|copying|notice)/i.test(name))
    .toSorted();
  const texts = await Promise.all(legal.map((name) => readFile(join(folder, name), "utf8")));
  if (texts.length === 0) texts.push(...(await readFirstComments(files)));
  if (texts.length === 0) texts.push(await fillMitLicense(json, root));
  const title = `${json.name} ${json.version} (${json.license.replace(/^\(|\)$/g, "")})`;
  return [`${title}\n`, ...texts.map((text) => `${text.trim()}\n`)].join("\n");
}

/** Returns the comments in which the files of a package state their license. */
async function readFirstComments(files: readonly string[]): Promise<readonly string[]> {
  const comments = await Promise.all(
    files.map(async (file) => /^(?:\/\/.*\n)+/.exec(await readFile(file, "utf8"))?.[0] ?? ""),
  );
  return [...new Set(comments)].filter((comment) => comment.includes("Copyright"));
}

/** Returns the MIT License, which is Tepal's too, for the author of a package. */
async function fillMitLicense(
  { name, license, author }: PackageJson,
  root: string,
): Promise<string> {
  if (license !== "MIT" || author === undefined) {
    throw new Error(
      `${name} does not contain its license (${license}), so it cannot be in the bundle.`,
    );
  }
  const own = await readFile(join(root, "LICENSE"), "utf8");
  return own.replace(/^Copyright .*$/m, `Copyright (c) ${author}`);
}
