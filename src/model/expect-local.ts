import { TepalError } from "../kernel/errors.ts";
import { isRemote, type AnyExecutor, type LoadedModel } from "./model.ts";

/** Returns a model that Tepal computes, where no other one can be. @throws TepalError INTERNAL */
export function expectLocal(model: LoadedModel<AnyExecutor>): LoadedModel {
  const { executor, ...others } = model;
  if (!isRemote(executor)) return { ...others, executor };
  throw new TepalError(
    "INTERNAL",
    "Expected a model that Tepal computes, got one of another engine",
  );
}
