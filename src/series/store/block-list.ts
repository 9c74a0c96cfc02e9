import type { Block } from "./block.ts";
import type { TimeAxis } from "./time-axis.ts";

/** A block and the number of its first sample. */
export interface PlacedBlock {
  readonly first: number;
  readonly block: Block;
}

/** The blocks of a group in the order of time, without gaps between their sample numbers. */
export class BlockList {
  readonly #blocks: PlacedBlock[] = [];

  get length(): number {
    return this.#blocks.length;
  }

  get bytes(): number {
    return this.#blocks.reduce(
      (sum, { block }) => sum + block.bytes.byteLength + block.offsets.byteLength,
      0,
    );
  }

  at(index: number): PlacedBlock | undefined {
    return this.#blocks[index];
  }

  pop(): PlacedBlock | undefined {
    return this.#blocks.pop();
  }

  push(placed: PlacedBlock): void {
    this.#blocks.push(placed);
  }

  /** Drops the blocks whose last sample is before a time. @returns the number of samples per series in them */
  expire(beforeMs: number, times: TimeAxis): number {
    let blocks = 0;
    let samples = 0;
    for (const { first, block } of this.#blocks) {
      if (times.at(first + block.count - 1) >= beforeMs) break;
      blocks += 1;
      samples += block.count;
    }
    this.#blocks.splice(0, blocks);
    return samples;
  }

  /** Returns the index of the block with a sample; the number of blocks if it is in the head. */
  findIndex(number: number): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { first, block } = this.#blocks[middle]!;
      if (first + block.count <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
