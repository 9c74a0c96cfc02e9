import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

/**
 * Replaces a selection by typed text without the browser's own editing: Chromium would keep the style of the deleted text in a style
 * attribute, which the page's Content-Security-Policy rejects with an error on the console.
 */
export function replaceSelections(): Extension {
  return EditorView.domEventHandlers({
    beforeinput(event, view) {
      const { data, inputType, isComposing } = event;
      const { from, to, empty } = view.state.selection.main;
      if (inputType !== "insertText" || data === null || empty || isComposing) return false;
      const insert = () => view.state.update(view.state.replaceSelection(data), TYPED);
      const isHandled = view.state
        .facet(EditorView.inputHandler)
        .some((handler) => handler(view, from, to, data, insert));
      if (!isHandled) view.dispatch(insert());
      event.preventDefault();
      return true;
    },
  });
}

const TYPED = { userEvent: "input.type", scrollIntoView: true };
