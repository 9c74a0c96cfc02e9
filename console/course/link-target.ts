import { ROOT_IN_TEXT } from "./course-text.ts";

/**
 * Returns the URL of a link of a page: pages of the course stay in Learn, pages of the server and of the console are those of this
 * server. Undefined for other files of the repository, which no server has.
 *
 * @param from path of the page below docs/tutorial, without its end
 * @param isPage true for the path of a page of the course
 */
export function toLinkTarget(
  target: string,
  from: string,
  isPage: (path: string) => boolean,
): string | undefined {
  if (target.startsWith(ROOT_IN_TEXT)) {
    const path = target.slice(ROOT_IN_TEXT.length).replace(/^\//, "");
    const place = /^console\/?(#.*)?$/.exec(path);
    return place === null ? `../${path}` : (place[1] ?? "#/");
  }
  if (/^[a-z]+:/.test(target)) return target;
  const { file, fragment } = splitTarget(target, from);
  const page = /^docs\/tutorial\/(.+)\.md$/.exec(file)?.[1];
  if (page !== undefined && isPage(page)) {
    return `#/learn/${page}${fragment === "" ? "" : `?${new URLSearchParams({ at: fragment })}`}`;
  }
  const runbook = /^docs\/runbooks\/(.+)\.md$/.exec(file)?.[1];
  return runbook === undefined ? undefined : `../runbooks/${runbook}`;
}

/** Resolves a relative target against its page: the file below the repository, and the fragment. */
export function splitTarget(
  target: string,
  from: string,
): { readonly file: string; readonly fragment: string } {
  const { pathname, hash } = new URL(target, `file:///docs/tutorial/${from}.md`);
  return { file: decodeURIComponent(pathname.slice(1)), fragment: hash.slice(1) };
}
