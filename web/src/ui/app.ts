import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Parley } from "../page/parley";
import { unreadIn } from "../page/screen";
import { mark } from "./icons";
import { Part } from "./part";
import "./shell";
import "./sign_in";
import "./pane";

@customElement("parley-app")
export class App extends Part {
  @property({ attribute: false }) parley!: Parley;
  @state() private reporting = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.parley.addEventListener("changed", () => this.requestUpdate());
  }

  protected override render(): TemplateResult {
    const { parley } = this;
    const { phase, screen } = parley;
    switch (phase.kind) {
      case "starting":
        return html`<main class="gate">
          <div class="gate-start">
            ${mark}
            <p class="unseen">Parley is starting</p>
          </div>
        </main>`;
      case "signed_out":
        return html`<parley-pane
          .name=${"sign_in"}
          .content=${() => html`<parley-sign-in .parley=${parley} .notice=${phase.notice} .name=${phase.name}></parley-sign-in>`}
        ></parley-pane>`;
      case "running":
        return html`<parley-shell .parley=${parley} .screen=${screen}></parley-shell>`;
      case "displaced":
        return this.stopped(
          `${phase.by} signed in in another tab`,
          "This tab belonged to somebody else and has stopped. What was not sent yet waits on this device for its owner.",
          html`<button type="button" class="button primary" @click=${() => parley.goOn()}>
            Go on as ${phase.by}
          </button>`,
        );
      case "broken":
        return this.stopped(
          "Parley has stopped in this tab",
          "It could not start again by itself. What you wrote is kept on this device.",
          html`<button type="button" class="button primary" @click=${() => location.reload()}>
              Start again
            </button>
            <button type="button" class="button" @click=${() => (this.reporting = true)}>
              Report a problem
            </button>
            ${
              this.reporting
                ? html`<parley-report
                    .parley=${parley}
                    .screen=${screen}
                    @done=${() => (this.reporting = false)}
                  ></parley-report>`
                : nothing
            }`,
        );
    }
  }

  protected override updated(): void {
    const { phase, screen } = this.parley;
    document.documentElement.dataset["connection"] = screen.link;
    document.title = phase.kind === "running" ? this.pageTitle() : "Parley";
  }

  private pageTitle(): string {
    const { rooms, shownRoom } = this.parley.screen;
    const unread = unreadIn(rooms);
    const name = rooms.find(({ id }) => id === shownRoom)?.name;
    return `${unread ? `(${unread}) ` : ""}${name ? `${name} · ` : ""}Parley`;
  }

  private stopped(title: string, words: string, way: TemplateResult): TemplateResult {
    return html`<main class="gate">
      <div class="gate-card" role="alert">
        <div class="gate-brand">${mark}<span>Parley</span></div>
        <h1>${title}</h1>
        <p class="gate-lead">${words}</p>
        ${way}
      </div>
    </main>`;
  }
}
