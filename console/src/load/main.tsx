import { render } from "preact";
import "../components/theme.css";
import "../components/frame.css";
import { App } from "./app.tsx";
import { keepFocus } from "../lib/keep-focus.ts";

keepFocus();
const place = document.querySelector("#app");
if (place !== null) render(<App />, place);
