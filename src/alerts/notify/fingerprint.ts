import type { Labels } from "../../series/series.ts";

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const SEPARATOR = Buffer.of(0xff);

/** Returns the fingerprint that identifies an alert in Alertmanager: FNV-1a of its labels, in 16 hexadecimal digits. */
export function toFingerprint(labels: Labels): string {
  const sorted = [...labels].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const bytes = Buffer.concat(
    sorted.flatMap(([name, value]) => [
      Buffer.from(name),
      SEPARATOR,
      Buffer.from(value),
      SEPARATOR,
    ]),
  );
  let hash = OFFSET;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
  return hash.toString(16).padStart(16, "0");
}
