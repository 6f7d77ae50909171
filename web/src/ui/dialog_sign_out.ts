import { html, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { Dialog } from "./dialog";
import { count } from "./words";

@customElement("parley-sign-out")
export class SignOut extends Dialog {
  protected override readonly heading = "Sign out?";
  @state() private busy = false;

  protected override body(): TemplateResult {
    const { outbox } = this.screen;
    return html`<p>
        ${
          outbox
            ? html`<strong
                  >${count(outbox, "message is", "messages are")} not sent yet and will be lost.</strong
                >
                This device also`
            : "This device"
        }
        forgets your drafts and who you are. Your messages in the rooms stay.
      </p>
      <footer class="dialog-foot">
        <button type="button" class="button quiet" @click=${() => this.close()}>Stay</button>
        <button
          type="button"
          class="button ${outbox ? "danger" : "primary"}"
          ?disabled=${this.busy}
          @click=${this.signOut}
        >
          ${outbox ? "Sign out and lose them" : "Sign out"}
        </button>
      </footer>`;
  }

  private async signOut(): Promise<void> {
    this.busy = true;
    await this.parley.signOut();
  }
}
