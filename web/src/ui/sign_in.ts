import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { Refused } from "../page/session";
import type { Parley } from "../page/parley";
import { icons, mark } from "./icons";
import { Part } from "./part";

type Purpose = "sign_in" | "sign_up";

const invited = () => new URLSearchParams(location.hash.slice(1)).get("invite") ?? "";

/** One real form for both purposes, so that password fillers know it. */
@customElement("parley-sign-in")
export class SignIn extends Part {
  @property({ attribute: false }) parley!: Parley;
  @property() notice = "";
  @property() name = "";
  @state() private purpose: Purpose = invited() ? "sign_up" : "sign_in";
  @state() private busy = false;
  @state() private error = "";

  protected override firstUpdated(): void {
    this.field(this.name && this.purpose === "sign_in" ? "password" : "username").focus();
  }

  protected override render(): TemplateResult {
    const joining = this.purpose === "sign_up";
    return html`<main class="gate">
      <div class="gate-card">
        <div class="gate-brand">${mark}<span>Parley</span></div>
        <h1>${joining ? "Create your account" : "Sign in"}</h1>
        <p class="gate-lead">
          ${joining ? "Pick a name that others will know you by." : "Good to see you. Your rooms are waiting."}
        </p>
        ${this.notice && !this.error ? html`<p class="note" role="status">${this.notice}</p>` : nothing}
        ${this.error ? html`<p class="note danger" role="alert">${icons.alert}<span>${this.error}</span></p>` : nothing}
        ${this.form(joining)}
      </div>
    </main>`;
  }

  private form(joining: boolean): TemplateResult {
    return html`<form class="form" @submit=${this.submitted} novalidate>
      <label class="field">
        <span>Username</span>
        <input
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          maxlength="32"
          required
          .defaultValue=${this.name}
          aria-describedby=${joining ? "username-hint" : nothing}
        />
        ${joining ? html`<small id="username-hint">2 to 32 letters, digits, dots, dashes or underscores</small>` : nothing}
      </label>
      <label class="field">
        <span>Password</span>
        <input
          name="password"
          type="password"
          autocomplete=${joining ? "new-password" : "current-password"}
          required
          aria-describedby=${joining ? "password-hint" : nothing}
        />
        ${joining ? html`<small id="password-hint">At least 8 characters, and not a common one</small>` : nothing}
      </label>
      ${
        joining
          ? html`<label class="field">
              <span>Invitation <em>if you were given one</em></span>
              <input
                name="invite"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                .defaultValue=${invited()}
              />
            </label>`
          : nothing
      }
      <button type="submit" class="button primary wide" ?disabled=${this.busy}>
        ${joining ? "Create account" : "Sign in"}
      </button>
      <div class="gate-other">
        <span>${joining ? "Been here before?" : "New here?"}</span>
        <button type="button" class="button quiet" ?disabled=${this.busy} @click=${this.otherChosen}>
          ${joining ? "Sign in" : "Create account"}
        </button>
      </div>
    </form>`;
  }

  private field(name: string): HTMLInputElement {
    return this.querySelector<HTMLInputElement>(`input[name=${name}]`)!;
  }

  private submitted(event: Event): void {
    event.preventDefault();
    void this.go();
  }

  /** Who has filled in the form already meant it for the other purpose. */
  private otherChosen(): void {
    this.purpose = this.purpose === "sign_in" ? "sign_up" : "sign_in";
    this.error = "";
    if (this.field("username").value && this.field("password").value) void this.go();
    else
      void this.updateComplete.then(() =>
        this.field(this.field("username").value ? "password" : "username").focus(),
      );
  }

  private async go(): Promise<void> {
    const username = this.field("username").value.trim();
    const password = this.field("password").value;
    if (!username || !password) {
      this.error = username ? "Type your password." : "Type your username.";
      this.field(username ? "password" : "username").focus();
      return;
    }
    this.busy = true;
    this.error = "";
    try {
      await this.enter(username, password);
    } catch (error) {
      this.error = said(error);
    } finally {
      this.busy = false;
    }
  }

  private async enter(username: string, password: string): Promise<void> {
    if (this.purpose === "sign_in") return this.parley.signIn(username, password);
    await this.updateComplete;
    await this.parley.signUp(username, password, this.field("invite").value.trim());
    if (invited()) history.replaceState(null, "", location.pathname);
  }
}

function said(error: unknown): string {
  if (!(error instanceof Refused)) throw error;
  return /[.!?]$/.test(error.message) ? error.message : `${error.message}.`;
}
