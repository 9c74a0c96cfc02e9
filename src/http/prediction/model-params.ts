import { TepalError } from "../../kernel/errors.ts";

/** Parameters of the routes under /models, as they appear in the path. */
export interface ModelParams {
  readonly name?: string;
  readonly version?: string;
}

/** The model that a path names. Default: the default model, and the newest version. */
export interface ModelOfPath {
  readonly name?: string | undefined;
  readonly version?: number | undefined;
}

/** @throws TepalError MODEL_NOT_FOUND if the version is not a number */
export function parseModel({ name, version }: ModelParams): ModelOfPath {
  return { name, version: parseVersion(version) };
}

/** Parses a version in a path. @throws TepalError MODEL_NOT_FOUND if it is not a version number */
export function parseVersion(version: string | undefined): number | undefined {
  if (version === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(version)) return Number(version);
  throw new TepalError(
    "MODEL_NOT_FOUND",
    `Version: Expected an integer ≥ 1, for example /versions/1, got ${JSON.stringify(version).slice(0, 60)}.`,
  );
}
