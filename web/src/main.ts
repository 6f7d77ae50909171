import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/gate.css";
import "./styles/shell.css";
import "./styles/timeline.css";
import "./styles/composer.css";
import "./styles/dialog.css";
import { offerConsole } from "./page/console";
import { log } from "./page/log";
import { Parley } from "./page/parley";
import { App } from "./ui/app";

addEventListener("error", (event) => log.write("error", "page_error", event.message));
addEventListener("unhandledrejection", (event) => log.write("error", "page_error", String(event.reason)));

const parley = new Parley();
const app = new App();
app.parley = parley;
document.body.prepend(app);
offerConsole(parley);
void parley.begin();
