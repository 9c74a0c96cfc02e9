import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "./button.tsx";
import { CrossIcon } from "./icons.tsx";
import "./dialog.css";

interface Props {
  readonly title: string;
  /** Called when it is to be closed: by Escape, by its cross. */
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A question above the page. The browser keeps the focus inside; then it goes back to where it was. */
export function Dialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Before the next frame: what is gone from the page can no longer give its focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={heading}>{title}</h2>
        <Button look="quiet" small aria-label="Close" onClick={onClose}>
          <CrossIcon />
        </Button>
      </header>
      {children}
    </dialog>
  );
}
