import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { RoomItem } from "../border";
import type { Parley } from "../page/parley";
import type { Screen } from "../page/screen";
import { Countdown } from "./countdown";
import { icons } from "./icons";
import { Part } from "./part";
import { seconds } from "./words";

const draftAfter_ms = 250;
const tallest_px = 220;
const echoes = 50;
const keyboard = matchMedia("(hover: hover) and (min-width: 45rem)");

/** Where one room's messages are written. A text leaves it when the core has it, and not before. */
@customElement("parley-composer")
export class Composer extends Part {
  @property({ attribute: false }) parley!: Parley;
  @property({ attribute: false }) screen!: Screen;
  @property({ attribute: false }) room!: RoomItem;
  @state() private error = "";
  @state() private empty = true;
  @query("textarea") private field!: HTMLTextAreaElement;

  /** The core's draft as last seen; drafts that the field told it come back as an echo and change nothing. */
  private seen = "";
  private readonly told: string[] = [];
  private drafting = 0;
  /** Of the text in the field, so much from its beginning is on its way to the core. */
  private leaving = 0;
  private readonly nextMessage = new Countdown(this);

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("pagehide", this.tellDraft);
    document.addEventListener("visibilitychange", this.tellDraft);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("pagehide", this.tellDraft);
    document.removeEventListener("visibilitychange", this.tellDraft);
    this.tellDraft();
  }

  protected override render(): TemplateResult {
    return html`<form class="composer" @submit=${this.submitted}>
      ${this.error ? html`<p class="composer-error" role="alert">${this.error}</p>` : nothing}
      <div class="composer-box">
        <textarea
          rows="1"
          aria-label="Message"
          placeholder="Message #${this.room.name}"
          enterkeyhint="send"
          @input=${this.typed}
          @keydown=${this.keyed}
        ></textarea>
        <button type="submit" class="send-button" aria-label="Send" title="Send" ?disabled=${this.empty}>
          ${icons.send}
        </button>
      </div>
      <div class="composer-foot">
        ${this.countdown()}<span class="keys"
          ><kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd> makes a new line</span
        >
      </div>
    </form>`;
  }

  /** Where a keyboard is at hand, who opens a room may write at once. */
  protected override firstUpdated(): void {
    if (keyboard.matches) this.field.focus();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("screen")) this.followDraft();
  }

  private countdown(): TemplateResult {
    const left = this.nextMessage.until(this.screen.sendAt);
    return html`<span class="countdown" role="timer" aria-live="off"
      >${left > 0 ? html`A little slower: the next message goes out in <span class="figures">${seconds(left)}</span>` : nothing}</span
    >`;
  }

  /** The field follows a draft that is not its own echo: the one kept from before, or a message taken back. */
  private followDraft(): void {
    const { draft } = this.screen;
    if (draft === this.seen) return;
    this.seen = draft;
    const echo = this.told.indexOf(draft);
    if (echo >= 0) this.told.splice(0, echo + 1);
    else if (draft) this.setText(draft);
  }

  private setText(text: string): void {
    this.field.value = text;
    this.grow();
  }

  private grow(): void {
    this.empty = this.field.value.trim() === "";
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, tallest_px)}px`;
  }

  private typed(): void {
    this.error = "";
    this.grow();
    clearTimeout(this.drafting);
    this.drafting = window.setTimeout(this.tellDraft, draftAfter_ms);
  }

  private readonly tellDraft = (): void => {
    if (!this.drafting) return;
    clearTimeout(this.drafting);
    this.drafting = 0;
    const text = this.field.value.slice(this.leaving);
    this.expectEcho(text);
    void this.parley.intend("save_draft", { room: this.room.id, text });
  };

  private expectEcho(draft: string): void {
    this.told.push(draft);
    if (this.told.length > echoes) this.told.shift();
  }

  private keyed(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void this.send();
  }

  private submitted(event: Event): void {
    event.preventDefault();
    void this.send();
    this.field.focus();
  }

  private async send(): Promise<void> {
    const text = this.field.value.slice(this.leaving);
    if (!text.trim()) return;
    clearTimeout(this.drafting);
    this.drafting = 0;
    this.leaving += text.length;
    this.expectEcho("");
    this.dispatchEvent(new CustomEvent("sent", { bubbles: true }));
    const { code, sentence } = await this.parley.intend("send_message", { room: this.room.id, text });
    this.leaving -= text.length;
    if (code) this.error = `${sentence}.`;
    else if (this.field.value.startsWith(text)) this.setText(this.field.value.slice(text.length));
  }
}
