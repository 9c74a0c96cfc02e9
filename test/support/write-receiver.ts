import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { decompressSnappy } from "./snappy.ts";

/** A sample of a request, with its series as `name{label="value"}`. */
export interface WrittenSample {
  readonly series: string;
  readonly timeMs: number;
  /** As Prometheus writes it; `stale` for its marker. */
  readonly value: string;
  readonly type: number | undefined;
  readonly help: string | undefined;
}

export interface WriteRequest {
  readonly version: 1 | 2;
  readonly headers: IncomingHttpHeaders;
  readonly samples: readonly WrittenSample[];
}

interface WriteReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Starts a receiver of remote write that decodes requests. @param reply chooses the reply to each */
export async function startWriteReceiver(reply: (request: WriteRequest) => WriteReply) {
  const requests: WriteRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const version = /write\.v2/.test(request.headers["content-type"] ?? "") ? 2 : 1;
    const bytes = decompressSnappy(Buffer.concat(chunks));
    const samples = version === 2 ? decodeSymbolized(bytes) : decodeNamed(bytes);
    const decoded: WriteRequest = { version, headers: request.headers, samples };
    requests.push(decoded);
    const { status, headers, body } = reply(decoded);
    response.writeHead(status, headers).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api/v1/write`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** The fields of a message, by number. */
type Fields = ReadonlyMap<number, readonly (Uint8Array | bigint)[]>;

function decode(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, (Uint8Array | bigint)[]>();
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const value =
      wire === WireType.LengthDelimited
        ? reader.bytes()
        : BigInt(wire === WireType.Bit64 ? reader.fixed64() : reader.int64());
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const messages = (fields: Fields, number: number): readonly Uint8Array[] =>
  (fields.get(number) ?? []) as readonly Uint8Array[];
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const integer = (fields: Fields, number: number): bigint =>
  (fields.get(number)?.[0] as bigint | undefined) ?? 0n;

function decodeSamples(
  series: Fields,
  name: string,
  metadata: Pick<WrittenSample, "type" | "help">,
): WrittenSample[] {
  return messages(series, 2).map((bytes) => {
    const sample = decode(bytes);
    const bits = integer(sample, 1);
    const value =
      bits === 0x7ff0000000000002n
        ? "stale"
        : String(new Float64Array(BigUint64Array.of(bits).buffer)[0]);
    return { series: name, timeMs: Number(integer(sample, 2)), value, ...metadata };
  });
}

function printSeries(pairs: readonly (readonly [string, string])[]): string {
  const names = pairs.map(([name]) => name);
  if (names.join() !== names.toSorted().join()) throw new Error("labels are not sorted");
  return `{${pairs.map(([name, value]) => `${name}="${value}"`).join(",")}}`;
}

function decodeNamed(bytes: Uint8Array): WrittenSample[] {
  return messages(decode(bytes), 1).flatMap((one) => {
    const series = decode(one);
    const labels = messages(series, 1).map((pair) => {
      const label = decode(pair);
      return [text(messages(label, 1)[0]), text(messages(label, 2)[0])] as const;
    });
    return decodeSamples(series, printSeries(labels), { type: undefined, help: undefined });
  });
}

function decodeSymbolized(bytes: Uint8Array): WrittenSample[] {
  const request = decode(bytes);
  const symbols = messages(request, 4).map(text);
  if (symbols[0] !== "") throw new Error("the first symbol is not empty");
  return messages(request, 5).flatMap((one) => {
    const series = decode(one);
    const reader = new BinaryReader(messages(series, 1)[0]!);
    const labels: [string, string][] = [];
    while (reader.pos < reader.len) {
      labels.push([symbols[reader.uint32()]!, symbols[reader.uint32()]!]);
    }
    const [raw] = messages(series, 5);
    const metadata = raw === undefined ? undefined : decode(raw);
    return decodeSamples(series, printSeries(labels), {
      type: metadata === undefined ? undefined : Number(integer(metadata, 1)),
      help: metadata === undefined ? undefined : symbols[Number(integer(metadata, 3))],
    });
  });
}
