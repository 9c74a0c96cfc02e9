import { createApi, type Api, type ApiParts } from "../lib/api.ts";
import { fetchObserved } from "../lib/replies.ts";

const KEY = "tepal-key";
/** Without storage, the key lasts until the page is reloaded. */
let current = readKey();

function readKey(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

/** Keeps the API key until the tab is closed; an empty one is forgotten. */
export function storeKey(key: string): void {
  current = key;
  try {
    if (key === "") sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, key);
  } catch {
    // See above.
  }
}

export function hasKey(): boolean {
  return current !== "";
}

/**
 * Returns the API of this page's server, with the current key.
 * @param send default: `fetch`, whose replies the course observes
 */
export function createSessionApi(send: ApiParts["fetch"] = fetchObserved): Api {
  return createApi({ key: () => current, fetch: send });
}
