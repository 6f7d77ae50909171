import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { log } from "../page/log";
import { Dialog } from "./dialog";
import { icons } from "./icons";

type Saving = "ready" | "saving" | "saved" | "failed";

@customElement("parley-report")
export class Report extends Dialog {
  protected override readonly heading = "Report a problem";
  @state() private withWords = false;
  @state() private saving: Saving = "ready";

  protected override body(): TemplateResult {
    return html`<p>
        This saves a file with which somebody who looks after Parley can see again what happened in this tab,
        step by step. Nothing is sent: you decide who gets it.
      </p>
      <div class="report-content">
        <p>
          <strong>In it:</strong> the last 10,000 things that this tab did and was told, with their times; the
          names of people and rooms; this browser’s name and version.
        </p>
        <p>
          <strong>Not in it:</strong> passwords, sign-ins and invitations.
          ${this.withWords ? nothing : html`What people wrote is replaced by meaningless letters of the same length.`}
        </p>
      </div>
      <label class="choice">
        <input
          type="checkbox"
          .checked=${this.withWords}
          @change=${(event: Event) => this.choose((event.target as HTMLInputElement).checked)}
        />
        <span>Include what people wrote: messages, drafts and topics</span>
      </label>
      ${
        this.withWords
          ? html`<p class="note danger">
              ${icons.alert}<span>Whoever gets the file can read them, those of others too.</span>
            </p>`
          : nothing
      }
      ${
        this.saving === "failed"
          ? html`<p class="note danger" role="alert">
              ${icons.alert}<span>The file could not be made. Try again after a moment.</span>
            </p>`
          : nothing
      }
      <footer class="dialog-foot">
        <p class="report-said" role="status">
          ${this.saving === "saved" ? "The file is among your downloads." : ""}
        </p>
        <button type="button" class="button quiet" @click=${() => this.close()}>Close</button>
        <button
          type="button"
          class="button primary"
          ?disabled=${this.saving === "saving"}
          @click=${this.save}
        >
          ${this.saving === "saving" ? "Saving…" : "Save the file"}
        </button>
      </footer>`;
  }

  private choose(withWords: boolean): void {
    this.withWords = withWords;
    this.saving = "ready";
  }

  private async save(): Promise<void> {
    this.saving = "saving";
    try {
      download(await this.parley.report(!this.withWords));
      this.saving = "saved";
    } catch (error) {
      log.write("error", "report_failed", String(error));
      this.saving = "failed";
    }
  }
}

function download(file: Uint8Array<ArrayBuffer>): void {
  const address = URL.createObjectURL(new Blob([file], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `parley-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.recording`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
