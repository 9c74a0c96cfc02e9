import { render } from "preact";
import "../components/theme.css";
import "../components/frame.css";
import { keepFocus } from "../lib/keep-focus.ts";
import { DocsApp } from "./docs-app.tsx";

keepFocus();
const place = document.querySelector("#app");
if (place !== null) render(<DocsApp />, place);
