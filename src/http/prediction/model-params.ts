import { TepalError } from "../../kernel/errors.ts";

/** Parameters of the routes under /models, as they stand in the address. */
export interface ModelParams {
  readonly name?: string;
  readonly version?: string;
}

/** @throws TepalError MODEL_NOT_FOUND when it is no version number */
export function parseVersion(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new TepalError(
    "MODEL_NOT_FOUND",
    "A version is a whole number from 1, such as /versions/1",
  );
}
