import type { ClassLabels } from "../model.ts";
import type { TreeEnsemble } from "../tree-ensemble.ts";
import { toFinishRules, type FinishRules } from "./finisher.ts";
import { toLayout, type ForestLayout } from "./forest-layout.ts";
import { toLeafMaskTables, type LeafMaskTables } from "./leaf-masks.ts";
import { packForest, type PackedForest } from "./pack-forest.ts";
import { toVoteTables, type VoteTables } from "./vote-counter.ts";

/**
 * A tree ensemble in the form that the executor reads: numbers, strings and typed arrays, which can be sent to another thread.
 * To create the executor of a compiled forest takes no time that depends on its size, but for the copy of `packed`.
 */
export interface CompiledForest {
  readonly features: number;
  readonly classes: ClassLabels;
  /** Null if the masks replace the walks. */
  readonly layout: ForestLayout | null;
  /** The layout for WebAssembly; null if TypeScript walks down the trees. */
  readonly packed: PackedForest | null;
  /** Null if rows walk down the trees. */
  readonly masks: LeafMaskTables | null;
  readonly votes: VoteTables;
  /** 1 for each output that any leaf votes for. */
  readonly voted: Uint8Array;
  readonly finish: FinishRules;
}

export function compileForest(ensemble: TreeEnsemble): CompiledForest {
  const { features, classes } = ensemble;
  const layout = toLayout(ensemble);
  const masks = toLeafMaskTables(layout, features);
  const votes = toVoteTables(ensemble, layout, masks);
  return {
    features,
    classes,
    layout: masks === undefined ? layout : null,
    packed:
      masks === undefined
        ? packForest(layout, features, votes.kind === "dense" ? votes : null)
        : null,
    masks: masks ?? null,
    votes,
    voted: toVoted(ensemble),
    finish: toFinishRules(ensemble),
  };
}

function toVoted({ outputs, voteOutput }: TreeEnsemble): Uint8Array {
  const voted = new Uint8Array(outputs);
  for (const output of voteOutput) voted[output] = 1;
  return voted;
}
