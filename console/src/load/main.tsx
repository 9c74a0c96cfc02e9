import { render } from "preact";
import "../components/theme.css";
import "../components/frame.css";
import { App } from "./app.tsx";
import { keepFocus } from "../lib/keep-focus.ts";
import { listenToTableKey } from "../lib/table-key.ts";

keepFocus();
listenToTableKey();
const place = document.querySelector("#app");
if (place !== null) render(<App />, place);
