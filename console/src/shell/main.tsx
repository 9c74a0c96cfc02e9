import { render } from "preact";
import "../components/theme.css";
import "../components/frame.css";
import { keepFocus } from "../lib/keep-focus.ts";
import { listenToTableKey } from "../lib/table-key.ts";
import { App } from "./app.tsx";
import "./shell.css";

keepFocus();
listenToTableKey();
const place = document.querySelector("#app");
if (place !== null) render(<App />, place);
