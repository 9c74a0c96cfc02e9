/**
 * Leaf masks of small trees, and the sums of their votes. AssemblyScript, which `npm run generate` compiles to WebAssembly. It does the
 * same as leaf-masks.ts and vote-counter.ts of src/model/executor/, with the same bits, and the tests compare them.
 *
 * All places are in bytes. A record has one mask of 32 bits a tree, and four trees are handled at once: their number is padded.
 */

/** Returns how many of `count` ascending numbers are below a value, without branches that depend on the data. */
function countBelow(ascending: usize, count: u32, value: f32): u32 {
  let low: u32 = 0;
  let length = count;
  while (length > 0) {
    const half = (length + 1) >>> 1;
    const middle = load<f32>(ascending + ((<usize>(low + half - 1)) << 2));
    low += select<u32>(half, 0, middle < value);
    length -= half;
  }
  return low;
}

/** Adds the four weights of the leaf that remains in a tree, the highest bit of a mask. */
function addLeaf(sum: v128, firstLeaf: usize, mask: u32): v128 {
  return f32x4.add(sum, v128.load(firstLeaf + ((<usize>clz(mask)) << 4)));
}

/**
 * Adds up the votes of `count` rows in float32, tree by tree, into four numbers a row.
 *
 * @param table for each feature the place and the number of its thresholds, the place of its first record, and an unused number
 * @param starts the places of eight records: those of features, which are overwritten for each row, then those of masks with all bits set
 * @param recordBytes size of a record: 4 bytes a tree
 * @param firstLeaves the place of the weights of each tree's first leaf
 * @param values float32, row-major
 */
export function addMaskVotes(
  features: i32,
  table: usize,
  starts: usize,
  recordBytes: usize,
  firstLeaves: usize,
  values: usize,
  count: i32,
  sums: usize,
): void {
  const isWide = features > 4;
  let value = values;
  for (let row = 0; row < count; row++) {
    for (let feature = 0; feature < features; feature++) {
      const entry = table + ((<usize>feature) << 4);
      const size = load<u32>(entry, 4);
      const number = load<f32>(value);
      value += 4;
      // The last record is that of a missing value.
      const record = number == number ? countBelow(load<u32>(entry), size, number) : size + 1;
      const start = load<u32>(entry, 8) + record * <u32>recordBytes;
      store<u32>(starts + ((<usize>feature) << 2), start);
    }
    const a = <usize>load<u32>(starts);
    const b = <usize>load<u32>(starts, 4);
    const c = <usize>load<u32>(starts, 8);
    const d = <usize>load<u32>(starts, 12);
    const e = <usize>load<u32>(starts, 16);
    const f = <usize>load<u32>(starts, 20);
    const g = <usize>load<u32>(starts, 24);
    const h = <usize>load<u32>(starts, 28);
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < recordBytes; at += 16) {
      let masks = v128.and(
        v128.and(v128.load(a + at), v128.load(b + at)),
        v128.and(v128.load(c + at), v128.load(d + at)),
      );
      if (isWide) {
        const more = v128.and(
          v128.and(v128.load(e + at), v128.load(f + at)),
          v128.and(v128.load(g + at), v128.load(h + at)),
        );
        masks = v128.and(masks, more);
      }
      const first = firstLeaves + at;
      sum = addLeaf(sum, load<u32>(first), i32x4.extract_lane(masks, 0));
      sum = addLeaf(sum, load<u32>(first, 4), i32x4.extract_lane(masks, 1));
      sum = addLeaf(sum, load<u32>(first, 8), i32x4.extract_lane(masks, 2));
      sum = addLeaf(sum, load<u32>(first, 12), i32x4.extract_lane(masks, 3));
    }
    v128.store(sums + ((<usize>row) << 4), sum);
  }
}
