import type { ComponentType } from "preact";
import { useReply } from "../shell/use-reply.ts";

/** Returns a function that makes components of a module, which is loaded when the first of them is drawn. */
export function loadOnDemand<Module>(
  load: () => Promise<Module>,
): <Props extends object>(
  select: (module: Module) => ComponentType<Props>,
) => ComponentType<Props> {
  let loaded: Module | undefined;
  const loadOnce = async (): Promise<Module> => (loaded ??= await load());

  return <Props extends object>(select: (module: Module) => ComponentType<Props>) =>
    function OnDemand(props: Props) {
      const { data: module = loaded, problem } = useReply(loadOnce, []);
      if (module !== undefined) {
        const Type = select(module);
        return <Type {...props} />;
      }
      return problem === undefined ? (
        <p class="panel-note" aria-busy="true">
          Loading…
        </p>
      ) : (
        <p class="panel-note" role="alert">
          The code of this panel cannot be loaded: {problem}
        </p>
      );
    };
}
