import { useLayoutEffect, useMemo, useState } from "preact/hooks";

/** Parses the part of the URL after `#/`, so that reloading, sharing and the back button work: `runs/20261122T133000-4f2a/charts`. */
export function parseRoute(hash: string): readonly string[] {
  return hash
    .replace(/^#?\/?/, "")
    .split("/")
    .filter((part) => part !== "")
    .map(decode);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Returns the URL of a route, for links. */
export function toHash(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

export function useRoute(): readonly string[] {
  const hash = useHash();
  return useMemo(() => parseRoute(hash), [hash]);
}

/** Returns the URL's fragment, with its `#`. */
export function useHash(): string {
  const [hash, setHash] = useState(location.hash);
  // Before the first frame: a change before the listener would be lost.
  useLayoutEffect(() => {
    const follow = (): void => setHash(location.hash);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return hash;
}
