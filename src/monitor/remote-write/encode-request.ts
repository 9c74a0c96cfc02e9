import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { compressSnappy } from "../../kernel/snappy.ts";
import type { WriteSeries, WriteVersion } from "./remote-write.ts";

/** Encodes a request in protobuf, compressed with Snappy. */
export function encodeRequest(
  series: readonly WriteSeries[],
  version: WriteVersion,
): Uint8Array<ArrayBuffer> {
  return compressSnappy(version === 2 ? encodeSymbolized(series) : encodeNamed(series));
}

/** `prometheus.WriteRequest` of remote write 1.0. */
function encodeNamed(series: readonly WriteSeries[]): Uint8Array {
  const out = new BinaryWriter();
  for (const one of series) {
    out.tag(1, WireType.LengthDelimited).fork();
    for (const [name, value] of one.labels) {
      out.tag(1, WireType.LengthDelimited).fork();
      out.tag(1, WireType.LengthDelimited).string(name);
      out.tag(2, WireType.LengthDelimited).string(value);
      out.join();
    }
    writeSamples(out, one);
    out.join();
  }
  return out.finish();
}

/** Numbers of `Metadata.MetricType`; other types are 0, unspecified. */
const TYPES: Readonly<Record<string, number>> = {
  counter: 1,
  gauge: 2,
  histogram: 3,
  summary: 5,
};

/** `io.prometheus.write.v2.Request` of remote write 2.0: each string once, in a table. */
function encodeSymbolized(series: readonly WriteSeries[]): Uint8Array {
  const symbols = new Map([["", 0]]);
  const intern = (text: string): number => {
    let number = symbols.get(text);
    if (number === undefined) symbols.set(text, (number = symbols.size));
    return number;
  };
  const body = new BinaryWriter();
  for (const one of series) {
    body.tag(5, WireType.LengthDelimited).fork();
    body.tag(1, WireType.LengthDelimited).fork();
    for (const [name, value] of one.labels) body.uint32(intern(name)).uint32(intern(value));
    body.join();
    writeSamples(body, one);
    if (one.metadata !== undefined) {
      body.tag(5, WireType.LengthDelimited).fork();
      body.tag(1, WireType.Varint).int32(TYPES[one.metadata.type] ?? 0);
      body.tag(3, WireType.Varint).uint32(intern(one.metadata.help));
      body.join();
    }
    body.join();
  }
  const table = new BinaryWriter();
  for (const text of symbols.keys()) table.tag(4, WireType.LengthDelimited).string(text);
  return Buffer.concat([table.finish(), body.finish()]);
}

/** Field 2 of a series in both versions. */
function writeSamples(out: BinaryWriter, { times, values, stale }: WriteSeries): void {
  for (const [i, timeMs] of times.entries()) {
    out.tag(2, WireType.LengthDelimited).fork();
    if (stale[i] === true) out.tag(1, WireType.Bit64).fixed64(STALE_MARKER);
    else out.tag(1, WireType.Bit64).double(values[i]!);
    out.tag(2, WireType.Varint).int64(timeMs);
    out.join();
  }
}

/** Prometheus's staleness marker: a NaN with these bits, which JavaScript would not preserve as a number. */
const STALE_MARKER = 0x7ff0000000000002n;
