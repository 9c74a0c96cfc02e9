import { render } from "preact";
import "../components/theme.css";
import { App } from "./app.tsx";
import "./load.css";

const place = document.querySelector("#app");
if (place !== null) render(<App />, place);
