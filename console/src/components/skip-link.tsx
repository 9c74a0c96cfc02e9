/** The first link of a page for the keyboard: moves the focus to the element `#main`. */
export function SkipLink() {
  return (
    <a
      class="skip-link"
      href="#main"
      onClick={(event) => {
        // The URL's fragment is the place, so the link must not change it.
        event.preventDefault();
        document.querySelector<HTMLElement>("#main")?.focus();
      }}
    >
      Skip to content
    </a>
  );
}
