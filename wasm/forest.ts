/**
 * Walks of rows down the trees of a forest, and the sums of their votes. AssemblyScript, which `npm run generate` compiles to
 * WebAssembly. They do the same as walk.ts and vote-counter.ts of src/model/executor/, with the same bits, and the tests compare them.
 *
 * A record has 8 bytes: the position of the left outcome (24 bits), the feature (8 bits), the threshold (float32). A leaf steps
 * onto itself, because its threshold is NaN and its left outcome the position before it. Eight walks step together, so that
 * the processor waits for eight records at a time; every `steps` steps they end if all have arrived.
 */

function step(records: usize, position: u32, values: usize): u32 {
  const record = records + ((<usize>position) << 3);
  const test = load<u32>(record);
  const value = load<f32>(values + ((<usize>(test & 255)) << 2));
  return (test >>> 8) + <u32>!(value <= load<f32>(record, 4));
}

/** Returns 0 if the position is that of a leaf. */
function onTheWay(records: usize, position: u32): u32 {
  return (load<u32>(records + ((<usize>position) << 3)) >>> 8) + 1 - position;
}

/** Writes the leaf of each tree that one row reaches. `trees` is a multiple of eight. */
export function walkRow(
  records: usize,
  roots: usize,
  trees: i32,
  steps: i32,
  leaves: usize,
  values: usize,
  reached: usize,
): void {
  for (let tree = 0; tree < trees; tree += 8) {
    const root = roots + ((<usize>tree) << 2);
    let a = load<u32>(root);
    let b = load<u32>(root, 4);
    let c = load<u32>(root, 8);
    let d = load<u32>(root, 12);
    let e = load<u32>(root, 16);
    let f = load<u32>(root, 20);
    let g = load<u32>(root, 24);
    let h = load<u32>(root, 28);
    let way: u32;
    do {
      for (let i = 0; i < steps; i++) {
        a = step(records, a, values);
        b = step(records, b, values);
        c = step(records, c, values);
        d = step(records, d, values);
        e = step(records, e, values);
        f = step(records, f, values);
        g = step(records, g, values);
        h = step(records, h, values);
      }
      way =
        onTheWay(records, a) | onTheWay(records, b) | onTheWay(records, c) | onTheWay(records, d);
      way |=
        onTheWay(records, e) | onTheWay(records, f) | onTheWay(records, g) | onTheWay(records, h);
    } while (way != 0);
    const out = reached + ((<usize>tree) << 2);
    store<u32>(out, load<u32>(leaves + ((<usize>a) << 2)));
    store<u32>(out, load<u32>(leaves + ((<usize>b) << 2)), 4);
    store<u32>(out, load<u32>(leaves + ((<usize>c) << 2)), 8);
    store<u32>(out, load<u32>(leaves + ((<usize>d) << 2)), 12);
    store<u32>(out, load<u32>(leaves + ((<usize>e) << 2)), 16);
    store<u32>(out, load<u32>(leaves + ((<usize>f) << 2)), 20);
    store<u32>(out, load<u32>(leaves + ((<usize>g) << 2)), 24);
    store<u32>(out, load<u32>(leaves + ((<usize>h) << 2)), 28);
  }
}

/** Does the same for `count` rows, a multiple of eight. All rows walk down one tree before the next. */
export function walkRows(
  records: usize,
  roots: usize,
  trees: i32,
  steps: i32,
  leaves: usize,
  values: usize,
  width: i32,
  count: i32,
  reached: usize,
): void {
  const rowBytes = (<usize>width) << 2;
  const reachedBytes = (<usize>trees) << 2;
  for (let tree = 0; tree < trees; tree++) {
    const root = load<u32>(roots + ((<usize>tree) << 2));
    for (let row = 0; row < count; row += 8) {
      const rowA = values + <usize>row * rowBytes;
      const rowB = rowA + rowBytes;
      const rowC = rowB + rowBytes;
      const rowD = rowC + rowBytes;
      const rowE = rowD + rowBytes;
      const rowF = rowE + rowBytes;
      const rowG = rowF + rowBytes;
      const rowH = rowG + rowBytes;
      let a = root;
      let b = root;
      let c = root;
      let d = root;
      let e = root;
      let f = root;
      let g = root;
      let h = root;
      let way: u32;
      do {
        for (let i = 0; i < steps; i++) {
          a = step(records, a, rowA);
          b = step(records, b, rowB);
          c = step(records, c, rowC);
          d = step(records, d, rowD);
          e = step(records, e, rowE);
          f = step(records, f, rowF);
          g = step(records, g, rowG);
          h = step(records, h, rowH);
        }
        way =
          onTheWay(records, a) | onTheWay(records, b) | onTheWay(records, c) | onTheWay(records, d);
        way |=
          onTheWay(records, e) | onTheWay(records, f) | onTheWay(records, g) | onTheWay(records, h);
      } while (way != 0);
      let out = reached + <usize>row * reachedBytes + ((<usize>tree) << 2);
      store<u32>(out, load<u32>(leaves + ((<usize>a) << 2)));
      out += reachedBytes;
      store<u32>(out, load<u32>(leaves + ((<usize>b) << 2)));
      out += reachedBytes;
      store<u32>(out, load<u32>(leaves + ((<usize>c) << 2)));
      out += reachedBytes;
      store<u32>(out, load<u32>(leaves + ((<usize>d) << 2)));
      out += reachedBytes;
      store<u32>(out, load<u32>(leaves + ((<usize>e) << 2)));
      out += reachedBytes;
      store<u32>(out, load<u32>(leaves + ((<usize>f) << 2)));
      out += reachedBytes;
      store<u32>(out, load<u32>(leaves + ((<usize>g) << 2)));
      out += reachedBytes;
      store<u32>(out, load<u32>(leaves + ((<usize>h) << 2)));
    }
  }
}

/** Adds up the votes of `count` rows in float32, four outputs at a time: `weights` has four numbers a leaf, `sums` four a row. */
export function addVotes(
  reached: usize,
  trees: i32,
  count: i32,
  weights: usize,
  sums: usize,
): void {
  for (let row = 0; row < count; row++) {
    const first = reached + ((<usize>(row * trees)) << 2);
    let sum = f32x4.splat(0);
    for (let tree = 0; tree < trees; tree++) {
      const leaf = load<u32>(first + ((<usize>tree) << 2));
      sum = f32x4.add(sum, v128.load(weights + ((<usize>leaf) << 4)));
    }
    v128.store(sums + ((<usize>row) << 4), sum);
  }
}
