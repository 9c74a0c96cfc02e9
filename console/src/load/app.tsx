import { SkipLink } from "../components/skip-link.tsx";
import { useRoute } from "../lib/route.ts";
import { LoadView } from "./load-view.tsx";
import { TopBar } from "./top-bar.tsx";
import { useLive } from "./use-live.ts";

/** The page that the load tester serves itself. */
export function App() {
  const live = useLive();
  const route = useRoute();
  return (
    <>
      <SkipLink />
      <TopBar live={live} route={route} />
      <main id="main" tabIndex={-1} class="page load-test">
        <LoadView live={live} route={route} />
      </main>
    </>
  );
}
