import { Button, buttonClass } from "../components/button.tsx";
import { toFragment } from "../shell/location.ts";
import { listParts } from "./outline.ts";
import type { Progress } from "./parse-progress.ts";
import { changeProgress, openCoursePage } from "./progress.ts";
import type { PageSummary } from "../../course/course-text.ts";

interface Props {
  readonly pages: readonly PageSummary[];
  readonly page: PageSummary;
  readonly progress: Progress;
  /** True beside a page of the console, which stays. */
  readonly isBeside: boolean;
}

/** The pages before and after a page. The next one marks this one as read. */
export function PageTurns({ pages, page, progress, isBeside }: Props) {
  const ordered = listParts(pages).flatMap((part) => part.pages);
  const isDone = page.steps.every((id) => progress.done.includes(id));
  const at = ordered.findIndex(({ path }) => path === page.path);
  return (
    <nav class="course-turns" aria-label="Pages of the course">
      <Turn label="Back" page={at > 0 ? ordered[at - 1] : undefined} isBeside={isBeside} />
      <Turn
        label="Next"
        look={isDone ? "primary" : "plain"}
        page={at === -1 ? undefined : ordered[at + 1]}
        isBeside={isBeside}
        onTurn={() =>
          changeProgress((before) =>
            before.read.includes(page.path)
              ? before
              : { ...before, read: [...before.read, page.path] },
          )
        }
      />
    </nav>
  );
}

interface TurnProps {
  readonly label: string;
  /** The next page stands out once this one is done. */
  readonly look?: "primary" | "plain";
  readonly page: PageSummary | undefined;
  readonly isBeside: boolean;
  readonly onTurn?: () => void;
}

function Turn({ label, look = "plain", page, isBeside, onTurn }: TurnProps) {
  if (page === undefined) return null;
  const title = `${label}: ${page.title}`;
  if (isBeside) {
    return (
      <Button
        small
        look={look}
        title={title}
        aria-label={title}
        onClick={() => {
          onTurn?.();
          openCoursePage(page.path);
        }}
      >
        {label}
      </Button>
    );
  }
  return (
    <a
      class={buttonClass(look, true)}
      href={toFragment(["learn", ...page.path.split("/")])}
      onClick={onTurn}
    >
      {title}
    </a>
  );
}
