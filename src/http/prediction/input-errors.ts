import { isEngineError } from "../../model/model.ts";
import type { RequestResult } from "../../serving/record-requests.ts";
import type { AppParts } from "../http.ts";
import { toTepalError } from "../problem.ts";

/** The label values under which a client's errors are counted, by error code. */
const REASONS: Readonly<Record<string, string>> = {
  MALFORMED_JSON: "malformed_json",
  // Compressed data that are damaged or truncated, above all.
  MALFORMED_REQUEST: "malformed_request",
  INVALID_INPUT: "invalid_input",
  OUT_OF_DISTRIBUTION: "out_of_distribution",
  UNKNOWN_CATEGORY: "unknown_category",
  UNCHECKED_INPUT: "unchecked",
  UNSUPPORTED_MEDIA_TYPE: "media_type",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "media_type",
  BODY_TOO_LARGE: "too_large",
  FST_ERR_CTP_BODY_TOO_LARGE: "too_large",
};

/** Returns the result under which a failed request counts for its model; undefined for an error that is not about predictions. */
export function toRequestResult(thrown: unknown): RequestResult | undefined {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (Object.hasOwn(REASONS, code)) return "input_error";
  if (isEngineError(code)) return "error";
  return toTepalError(thrown).requestCode === "INTERNAL" ? "error" : undefined;
}

/** Creates a function that counts the errors of prediction clients by their code, and ignores other codes. */
export function createInputErrorCounter(
  family: AppParts["metrics"]["inputErrors"],
): (code: string) => void {
  const slots = new Map(Object.values(REASONS).map((reason) => [reason, family.open([reason])]));
  return (code) => {
    const slot = slots.get(REASONS[code] ?? "");
    if (slot !== undefined) family.add(slot, 1);
  };
}
