import { basename } from "node:path";
import { decodeText, hasUtf16Mark, UTF16_NOTICE } from "../kernel/text-encoding.ts";
import {
  DEFAULT_DIALECT,
  SAMPLE_BYTES,
  describeDialect,
  detectDialect,
} from "../tabular/csv-dialect.ts";
import { openInput } from "./open-input.ts";
import type { InputForm, ScoreRequest } from "./scoring.ts";

/**
 * Detects what a request does not state of the input's form, by the start of the file.
 * @param onNotice receives what was detected, if it is not the usual form
 * @throws TepalError INVALID_DATA if the file cannot be read
 */
export async function detectForm(
  { file, input, form }: ScoreRequest,
  onNotice: (message: string) => void = () => {},
): Promise<InputForm> {
  const sample = await readSample(openInput(file, 0).chunks);
  const name = basename(file);
  if (form.encoding === undefined && hasUtf16Mark(sample)) onNotice(`${name}: ${UTF16_NOTICE}`);
  const encoding = form.encoding ?? (hasUtf16Mark(sample) ? "utf-16" : "utf-8");
  if (input !== "csv") return { ...DEFAULT_DIALECT, encoding };
  const text =
    encoding === "utf-8"
      ? sample
      : Buffer.from(decodeText(sample, encoding)).subarray(0, SAMPLE_BYTES);
  const dialect = detectDialect(text, form);
  const notice = describeDialect(dialect, form);
  if (notice !== undefined) onNotice(`${name}: ${notice}`);
  return { ...dialect, encoding };
}

async function readSample(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(Buffer.from(chunk));
    size += chunk.length;
    if (size >= SAMPLE_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, SAMPLE_BYTES);
}
