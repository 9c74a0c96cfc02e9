import { Component, type ComponentChildren } from "preact";

interface Props {
  /** Values that the content depends on. */
  readonly inputs: readonly unknown[];
  readonly draw: () => ComponentChildren;
}

/**
 * Content that is drawn again only for other inputs. A node in `useMemo` would do the same, but keeps its parents, and through them all
 * data that they ever showed: 4 MB with each refresh of a dashboard.
 */
export class Kept extends Component<Props> {
  override shouldComponentUpdate({ inputs }: Props): boolean {
    return inputs.some((input, index) => !Object.is(input, this.props.inputs[index]));
  }

  override render({ draw }: Props): ComponentChildren {
    return draw();
  }
}
