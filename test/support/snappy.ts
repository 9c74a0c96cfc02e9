/** Decompresses Snappy's block format, as the format's description defines it. @throws Error for invalid bytes */
export function decompressSnappy(input: Uint8Array): Uint8Array {
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = read();
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  const out = new Uint8Array(length);
  let written = 0;

  function read(): number {
    const byte = input[at++];
    if (byte === undefined) throw new Error("the input ends early");
    return byte;
  }
  const readInteger = (bytes: number): number => {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += read() * 2 ** (8 * i);
    return value;
  };

  while (at < input.length) {
    const tag = read();
    const kind = tag & 3;
    if (kind === 0) {
      const size = tag >> 2;
      const count = 1 + (size < 60 ? size : readInteger(size - 59));
      if (at + count > input.length || written + count > length) throw new Error("bad literal");
      out.set(input.subarray(at, at + count), written);
      at += count;
      written += count;
      continue;
    }
    const count = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const offset = kind === 1 ? ((tag >> 5) << 8) | read() : readInteger(kind === 2 ? 2 : 4);
    if (offset === 0 || offset > written || written + count > length) throw new Error("bad copy");
    for (let i = 0; i < count; i++, written++) out[written] = out[written - offset]!;
  }
  if (written !== length) throw new Error("the length differs");
  return out;
}
