// Runs before the first paint, so that a page in the other theme than the system's does not flash.
try {
  const theme = localStorage.getItem("tepal-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme holds.
}
