import { html, type TemplateResult } from "lit";
import { property, query } from "lit/decorators.js";
import type { Parley } from "../page/parley";
import type { Screen } from "../page/screen";
import { icons } from "./icons";
import { Part } from "./part";

/** A modal dialog that opens when it is put on the page and says `done` when it has closed, by Escape too. */
export abstract class Dialog extends Part {
  @property({ attribute: false }) parley!: Parley;
  @property({ attribute: false }) screen!: Screen;
  @query("dialog") private dialog!: HTMLDialogElement;

  protected abstract readonly heading: string;
  protected abstract body(): TemplateResult;

  protected override firstUpdated(): void {
    this.dialog.showModal();
  }

  close(): void {
    this.dialog.close();
  }

  protected override render(): TemplateResult {
    return html`<dialog
      aria-labelledby="dialog-title"
      @close=${() => this.dispatchEvent(new CustomEvent("done", { bubbles: true }))}
      @click=${this.clicked}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id="dialog-title">${this.heading}</h2>
          <button type="button" class="icon-button" aria-label="Close" @click=${() => this.close()}>
            ${icons.close}
          </button>
        </header>
        ${this.body()}
      </div>
    </dialog>`;
  }

  /** A click beside the dialog closes it. */
  private clicked(event: MouseEvent): void {
    if (event.target === this.dialog) this.close();
  }
}
