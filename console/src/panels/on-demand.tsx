import type { ComponentType } from "preact";
import { useReply } from "../shell/use-reply.ts";
import type { PanelProps } from "./panel-props.ts";

/** Returns a panel type whose code is loaded when a panel of the type is first drawn. */
export function onDemand(
  load: () => Promise<ComponentType<PanelProps>>,
): ComponentType<PanelProps> {
  let Loaded: ComponentType<PanelProps> | undefined;
  const keep = async () => ({ Type: (Loaded ??= await load()) });

  return function OnDemandPanel(props: PanelProps) {
    const { data = Loaded && { Type: Loaded }, problem } = useReply(keep, []);
    if (data !== undefined) return <data.Type {...props} />;
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
