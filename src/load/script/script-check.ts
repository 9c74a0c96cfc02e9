import { findPlace } from "./source-location.ts";

/** A mistake in a script. */
export interface Mistake {
  /** `file:line`; "" when nobody knows. */
  readonly at: string;
  readonly message: string;
}

/** Says what is wrong with a value, after "is … ;"; null when nothing is. */
export type FindFault = (value: unknown) => string | null;

/** Notes what is wrong with one call of a script, and where the call is. */
export class MistakeFinder {
  readonly mistakes: Mistake[] = [];
  readonly #what: string;
  readonly #at: string;

  /** @param callee the function that the script has called */
  constructor(what: string, callee: (...values: never) => unknown) {
    this.#what = what;
    this.#at = findPlace(callee);
  }

  note(message: string): void {
    this.mistakes.push({ at: this.#at, message: `${this.#what}: ${message}` });
  }

  check(value: unknown, what: string, findFault: FindFault): boolean {
    const fault = findFault(value);
    if (fault !== null) this.note(`${what} is ${show(value)}; ${fault}`);
    return fault === null;
  }

  /** Gives the options without those that are wrong. @param required names of options that must be there */
  options<T extends object>(
    given: T,
    faults: { readonly [K in keyof Required<T>]: FindFault },
    required: readonly string[] = [],
  ): Partial<T> {
    if (typeof given !== "object" || given === null) {
      this.note(`its options are ${show(given)}; an object is expected`);
      return {};
    }
    const usable: Partial<T> = { ...given };
    for (const name of Object.keys(given)) {
      if (Object.hasOwn(faults, name)) continue;
      this.note(`has the unknown option "${name}"; it knows ${Object.keys(faults).join(", ")}`);
    }
    for (const name of required) {
      if (Reflect.get(given, name) === undefined) this.note(`needs ${name}`);
    }
    for (const [name, findFault] of Object.entries<FindFault>(faults)) {
      const value: unknown = Reflect.get(given, name);
      if (value === undefined || this.check(value, name, findFault)) continue;
      Reflect.deleteProperty(usable, name);
    }
    return usable;
  }
}

export const isWeight: FindFault = (value) =>
  typeof value === "number" && value >= 0 && value < Infinity
    ? null
    : "a number is expected, not negative";

export const isFunction: FindFault = (value) =>
  typeof value === "function" ? null : "a function is expected";

export const isText: FindFault = (value) =>
  typeof value === "string" && value !== "" ? null : "a text is expected";

export const isTexts: FindFault = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === "string")
    ? null
    : "a list of texts is expected";

export const isHost: FindFault = (value) =>
  isOrigin(value) ? null : "an address as http://127.0.0.1:8000 is expected";

/** Whether it is an address of a server: a scheme, a name, perhaps a port and nothing else. */
export function isOrigin(value: unknown): value is string {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { protocol, hostname, pathname, search, hash, username } = new URL(value);
  return (
    (protocol === "http:" || protocol === "https:") &&
    hostname !== "" &&
    `${username}${search}${hash}` === "" &&
    pathname === "/"
  );
}

function show(value: unknown): string {
  return typeof value === "function" ? "a function" : (JSON.stringify(value) ?? String(value));
}
