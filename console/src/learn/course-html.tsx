import { useMemo } from "preact/hooks";
import { ROOT_IN_TEXT } from "../../course/course-text.ts";

/** Milliseconds for which a button confirms that it copied. */
const SHOWN_MS = 2_000;

/** HTML that was rendered from the tutorial when the console was built. Its commands name the server of this page. */
export function CourseHtml({ html }: { readonly html: string }) {
  const __html = useMemo(() => html.replaceAll(ROOT_IN_TEXT, findRoot()), [html]);
  return (
    <div
      class="course-html"
      dangerouslySetInnerHTML={{ __html }}
      onClick={({ target }) => {
        const button = target instanceof Element ? target.closest("[data-copy]") : null;
        if (button !== null) void copyBlock(button);
      }}
    />
  );
}

/** The URL of the server without a slash at its end. */
function findRoot(): string {
  return new URL("..", location.href).href.replace(/\/$/, "");
}

async function copyBlock(button: Element): Promise<void> {
  const code = button.closest(".course-code")?.querySelector("code");
  try {
    await navigator.clipboard.writeText(code?.textContent ?? "");
    button.textContent = "Copied";
  } catch {
    // Without TLS, a page of another machine has no clipboard.
    button.textContent = "Select and copy";
  }
  setTimeout(() => {
    button.textContent = "Copy";
  }, SHOWN_MS);
}
