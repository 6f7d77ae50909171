import { html, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { Refused, session } from "../page/session";
import { copyText } from "./clipboard";
import { Dialog } from "./dialog";
import { icons } from "./icons";

type Making = { kind: "making" } | { kind: "made"; url: string } | { kind: "refused"; why: string };

@customElement("parley-invite")
export class InvitePeople extends Dialog {
  protected override readonly heading = "Invite people";
  @state() private making: Making = { kind: "making" };
  @state() private copied = false;
  @query("input") private field!: HTMLInputElement;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.make();
  }

  protected override body(): TemplateResult {
    switch (this.making.kind) {
      case "making":
        return html`<p class="side-empty">Making a link…</p>`;
      case "refused":
        return html`<p class="note danger" role="alert">${icons.alert}<span>${this.making.why}</span></p>`;
      case "made":
        return html`<p>Send this link to one person. It is good for one account and for 7 days.</p>
          <div class="copy-field">
            <input
              readonly
              aria-label="Invitation link"
              .value=${this.making.url}
              @focus=${() => this.field.select()}
            />
            <button type="button" class="button" @click=${this.copy}>
              ${icons.copy}<span>${this.copied ? "Copied" : "Copy"}</span>
            </button>
          </div>
          <p class="unseen" role="status">${this.copied ? "The link is in your clipboard." : ""}</p>`;
    }
  }

  private async make(): Promise<void> {
    try {
      const { url } = await session.invite();
      this.making = { kind: "made", url: new URL(url, location.href).href };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const why =
        error.code === "forbidden"
          ? "Only the owner of this server and its admins can invite people."
          : error.message;
      this.making = { kind: "refused", why };
    }
  }

  /** What can't be copied is selected at least, and can be copied by hand. */
  private async copy(): Promise<void> {
    this.copied = await copyText(this.field.value);
    if (!this.copied) this.field.select();
  }
}
