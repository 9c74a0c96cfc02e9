import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { createApi, type Api } from "../lib/api.ts";
import { toHash } from "../lib/route.ts";
import type { Client } from "../prometheus/client.ts";

/** The surroundings of the views of load tests: a page of their own, or the console. */
export interface Surroundings {
  /** The API of the load page; paths begin with `api/load`. */
  readonly api: Api;
  /** The URL of that API relative to this page, for links; undefined if its requests need the session's key, which links do not send. */
  readonly linkBase: string | undefined;
  /** Returns the URL of a view. */
  readonly toHash: (...parts: readonly string[]) => string;
  /** The Prometheus API of the server that runs go to; undefined on a page of their own, where a run may go to any server. */
  readonly client: Client | undefined;
}

/** The page that the load tester serves itself. */
export const OWN_PAGE: Surroundings = {
  api: createApi({ key: () => "", fetch: (url, init) => fetch(url, init), root: "" }),
  linkBase: "",
  toHash,
  client: undefined,
};

export const SurroundingsContext = createContext<Surroundings>(OWN_PAGE);

export function useSurroundings(): Surroundings {
  return useContext(SurroundingsContext);
}
