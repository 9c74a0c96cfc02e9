import { useEffect, useState } from "preact/hooks";
import { Button } from "./button.tsx";

/** Milliseconds for which the button confirms. */
const SHOWN_MS = 2_000;

interface Props {
  readonly text: string;
  /** @default "Copy" */
  readonly label?: string;
}

/** Copies a string to the clipboard. Without TLS, a page of another machine has no clipboard: the button shows that. */
export function CopyButton({ text, label = "Copy" }: Props) {
  const [state, setState] = useState<"" | "copied" | "failed">("");
  useEffect(() => {
    if (state === "") return;
    const timer = setTimeout(() => setState(""), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("failed");
    }
  }

  return (
    <>
      <Button small onClick={() => void copy()}>
        {{ "": label, copied: "Copied", failed: "Select and copy" }[state]}
      </Button>
      <span role="status" class="visually-hidden">
        {
          {
            "": "",
            copied: "Copied",
            failed: "The browser does not allow it: select the text and copy it.",
          }[state]
        }
      </span>
    </>
  );
}
