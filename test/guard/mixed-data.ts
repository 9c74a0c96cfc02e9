import { compileGuard } from "../../src/guard/compile-guard.ts";
import { createGuard } from "../../src/guard/create-guard.ts";
import { fitGuard } from "../../src/guard/fit/fit-guard.ts";
import type { Guard } from "../../src/guard/guard.ts";
import type { Random } from "../../src/kernel/random.ts";
import type { Feature, Rows } from "../../src/tabular/tabular.ts";
import { createNormalSource, toFeatures } from "./data.ts";

/** Rows with the classes 0 and 1. */
export interface LabeledRows extends Rows {
  readonly labels: Int32Array;
}

/** A source of rows, some of whose cells are missing at random. */
export interface MixedSource {
  readonly features: readonly Feature[];
  draw(count: number, missing: number): LabeledRows;
}

export function toCategory(name: string, count: number): Feature {
  const categories = Array.from({ length: count }, (_, i) => ({ value: `v${i}`, share: null }));
  return { ...toFeatures(1)[0]!, name, type: "category", nullable: true, categories };
}

/** Creates a source of eight correlated numbers. */
export function createNumberSource(random: Random): MixedSource {
  const draw = createNormalSource(8, 2, random);
  return {
    features: toFeatures(8),
    draw(count, missing) {
      const { values, labels } = draw(count);
      if (labels === null) throw new Error("Expected classes.");
      return { values: makeHoles(values, missing, random), labels, count, width: 8 };
    },
  };
}

const DECKS = [
  [0.15, 0.3, 0.25, 0.15, 0.1, 0.03, 0.01, 0.01],
  [0, 0, 0.02, 0.2, 0.18, 0.4, 0.1, 0.1],
  [0, 0, 0, 0.02, 0.08, 0.3, 0.3, 0.3],
];

/** Creates a source of passengers: four numbers and four categories that depend on each other. */
export function createPassengerSource(random: Random): MixedSource {
  const categories = [
    toCategory("sex", 2),
    toCategory("class", 3),
    toCategory("deck", 8),
    toCategory("port", 3),
  ];
  const toRow = (): { row: number[]; label: number } => {
    const level = pick(random, [0.25, 0.2, 0.55]);
    const sex = pick(random, [0.6, 0.4]);
    const age = Math.max(0.5, 40 - 6 * level + 13 * random.normal());
    const family = Math.max(0, Math.round(1 + random.normal() + (age < 16 ? 1.5 : 0)));
    const fare = Math.exp([4.2, 2.8, 2.2][level]! + 0.45 * random.normal() + 0.15 * family);
    const deck = pick(random, DECKS[level]!);
    const port = pick(random, level === 0 ? [0.55, 0.44, 0.01] : [0.7, 0.12, 0.18]);
    const chance = 1 / (1 + Math.exp(1.5 - 2.4 * sex - 0.9 * (1 - level)));
    const meals = 0.5 * fare ** 0.3 + random.normal();
    return {
      row: [age, fare, family, meals, sex, level, deck, port],
      label: random.uniform() < chance ? 1 : 0,
    };
  };
  return {
    features: [...toFeatures(4), ...categories],
    draw(count, missing) {
      const rows = Array.from({ length: count }, toRow);
      const values = Float64Array.from(rows.flatMap(({ row }) => row));
      return {
        values: makeHoles(values, missing, random),
        labels: Int32Array.from(rows, ({ label }) => label),
        count,
        width: 8,
      };
    },
  };
}

export function createMixedGuard(rows: LabeledRows, features: readonly Feature[]): Guard {
  const { parameters, reference } = fitGuard(rows, rows.labels, 2, { features });
  return createGuard(compileGuard(parameters, reference, features));
}

/** Returns the p-values of the rows that have a value. */
export function toMixedPValues(guard: Guard, { values, count, width }: Rows): Float64Array {
  const all = Float64Array.from({ length: count }, (_, row) => guard.pValue(values, row * width));
  return all.filter((p) => !Number.isNaN(p));
}

function makeHoles(values: Float64Array, share: number, random: Random): Float64Array {
  return share === 0
    ? values
    : values.map((value) => (random.uniform() < share ? Number.NaN : value));
}

function pick(random: Random, shares: readonly number[]): number {
  let left = random.uniform();
  const found = shares.findIndex((share) => (left -= share) < 0);
  return found < 0 ? shares.length - 1 : found;
}
