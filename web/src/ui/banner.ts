import { html, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Parley } from "../page/parley";
import type { Screen } from "../page/screen";
import { Countdown } from "./countdown";
import { icons } from "./icons";
import { Part } from "./part";
import { count, seconds } from "./words";

/** The connection in words while it is not well, and what this device can't do. Nothing when all is well. */
@customElement("parley-banner")
export class Banner extends Part {
  @property({ attribute: false }) parley!: Parley;
  @property({ attribute: false }) screen!: Screen;
  private readonly nextAttempt = new Countdown(this);
  /** What is told of a loss stays until all is well again: it doesn't come and go with each attempt. */
  private lossTold = false;

  protected override willUpdate(): void {
    const { link } = this.screen;
    if (link === "live") this.lossTold = false;
    else if (link !== "connecting" && link !== "greeting") this.lossTold = true;
  }

  protected override render(): TemplateResult {
    return html`<div role="status" class="banners">
      ${this.connection()} ${this.device()} ${this.setAside()}
    </div>`;
  }

  private connection(): TemplateResult | typeof nothing {
    const { link, attempt, attempts, nextAt } = this.screen;
    const left = this.nextAttempt.until(nextAt);
    switch (link) {
      case "live":
        return nothing;
      case "offline":
        return this.line("offline", html`<strong>You are offline.</strong> ${this.waiting()}`);
      case "connecting":
      case "greeting":
        return this.line(
          this.lossTold ? "trying" : "trying soon",
          html`<strong>Connecting…</strong> ${this.waiting()}`,
        );
      case "waiting":
        return this.line(
          "waiting",
          html`<strong>No connection.</strong> Attempt ${attempt} of
            ${attempts}${left > 0 ? html` in ${told(left)}.` : "…"} ${this.waiting()}`,
          true,
        );
      case "failed":
        return this.line(
          "failed",
          html`<strong>The server can’t be reached.</strong> Still trying every
            ${seconds(this.parley.parameters.failed_retry_ms ?? 30_000)}${left > 0 ? html`, next in ${told(left)}` : ""}.
            ${this.waiting()}`,
          true,
        );
    }
  }

  private line(kind: string, words: TemplateResult, retry = false): TemplateResult {
    return html`<div class="banner ${kind}">
      ${kind.startsWith("trying") ? html`<span class="spinner" aria-hidden="true"></span>` : icons.offline}
      <p>${words}</p>
      ${
        retry
          ? html`<button type="button" class="button small" @click=${() => this.parley.intend("retry_now")}>
              Retry now
            </button>`
          : nothing
      }
    </div>`;
  }

  private waiting(): string {
    const { outbox } = this.screen;
    return outbox
      ? `${count(outbox, "message waits", "messages wait")} here and will go out by ${outbox === 1 ? "itself" : "themselves"}.`
      : "";
  }

  private setAside(): TemplateResult | typeof nothing {
    const { size } = this.parley.setAside;
    if (!size) return nothing;
    return html`<div class="banner failed">
      ${icons.alert}
      <p>
        <strong>${count(size, "message")} on this device can’t be read.</strong> Damaged, of another version
        of Parley or of another user: kept aside, not sent.
      </p>
      <button type="button" class="button small" @click=${() => this.parley.setAsideRead()}>Close</button>
    </div>`;
  }

  private device(): TemplateResult | typeof nothing {
    if (this.screen.deviceFull)
      return html`<div class="banner failed">
        ${icons.alert}
        <p>
          <strong>This device is full.</strong> Until there is room, messages not sent yet are kept in this
          tab only.
        </p>
      </div>`;
    if (this.screen.memoryOnly)
      return html`<div class="banner note-only">
        ${icons.alert}
        <p>
          <strong>Nothing can be kept on this device.</strong> Messages not sent yet are lost with this tab.
        </p>
      </div>`;
    return nothing;
  }
}

/** The screen reader hears of the state, not of each second. */
const told = (left: number) => html`<span class="figures" aria-hidden="true">${seconds(left)}</span>`;
