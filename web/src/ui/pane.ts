import { html, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { log } from "../page/log";
import { Part } from "./part";

/** An error boundary: a part that fails is replaced by a message, and the rest of the page goes on. */
@customElement("parley-pane")
export class Pane extends Part {
  @property({ attribute: false }) name = "";
  @property({ attribute: false }) content: () => TemplateResult = () => html``;
  @state() private failed = false;

  constructor() {
    super();
    this.addEventListener("part-failed", (event) => this.fail(event as CustomEvent));
  }

  protected override render(): TemplateResult {
    if (!this.failed) return this.content();
    return html`<div class="failed-part" role="alert">
      <p><strong>This part has stopped.</strong> The rest goes on working, and nothing you wrote is lost.</p>
      <button type="button" class="button" @click=${() => (this.failed = false)}>Reload this part</button>
    </div>`;
  }

  private fail(event: CustomEvent): void {
    event.stopPropagation();
    this.failed = true;
    const error: unknown = event.detail;
    const stack = error instanceof Error ? error.stack : undefined;
    log.write("error", "part_failed", `${this.name}: ${String(error)}`, "", { stack });
  }
}
