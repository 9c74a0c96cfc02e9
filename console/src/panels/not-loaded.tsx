/** A chart whose library could not be loaded, for example after an update of the server. */
export function NotLoaded() {
  return <p class="panel-problem">The chart library could not be loaded. Reload the page.</p>;
}
