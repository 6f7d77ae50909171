import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Row } from "../border";
import type { Parley } from "../page/parley";
import { avatar } from "./avatar";
import { copyText } from "./clipboard";
import { icons } from "./icons";
import { Part } from "./part";
import { linked } from "./text";
import { clockTime, fullTime } from "./words";

const states = {
  queued: { icon: icons.clock, words: "Queued" },
  sending: { icon: icons.clock, words: "Sending" },
  sent: { icon: icons.tick, words: "Sent" },
  stored: { icon: icons.ticks, words: "Stored" },
  failed: { icon: icons.alert, words: "Not sent" },
};

/** One row of the timeline. `lead`: it opens a run of one author's messages and says whose they are. */
@customElement("parley-message")
export class Message extends Part {
  @property({ attribute: false }) parley!: Parley;
  @property({ attribute: false }) row!: Row;
  @property({ type: Boolean }) lead = false;
  @state() private copied = false;

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("row")) return;
    this.dataset["op"] = this.row.change;
    this.dataset["state"] = stateOf(this.row);
  }

  protected override render(): TemplateResult {
    return this.row.kind === "message" ? this.message() : this.notice();
  }

  private message(): TemplateResult {
    const { row, lead } = this;
    const author = html`<span class="author ${row.mine ? "mine" : ""}">${row.author}</span>`;
    return html`
      <div class="gutter">${lead ? avatar(row.author) : this.time("hover-time")}</div>
      <div class="said">
        <div class=${lead ? "byline" : "unseen"}>${author} ${lead ? this.time("time") : nothing}</div>
        <div class="text">${linked(row.text)}</div>
        ${row.withdrawn ? html`<p class="aside">The server lost this one before it was stored; it may come back.</p>` : nothing}
        ${row.mine && row.state === "failed" ? this.failure() : nothing}
      </div>
      ${row.mine ? this.state() : html`<span></span>`}
    `;
  }

  private time(className: string): TemplateResult {
    const { time } = this.row;
    return html`<time class=${className} datetime=${new Date(time).toISOString()} title=${fullTime(time)}
      >${clockTime(time)}</time
    >`;
  }

  private state(): TemplateResult {
    const { icon, words } = states[this.row.state];
    const saved = this.row.state === "queued" && this.row.saved ? `${words}, saved on this device` : words;
    return html`<span class="state ${this.row.state}" title=${saved}
      >${icon}<span class="unseen">${saved}</span></span
    >`;
  }

  private failure(): TemplateResult {
    const { row } = this;
    return html`<div class="failure">
      <span><strong>Not sent:</strong> ${lowered(row.reasonSentence || row.reason)}</span>
      <button
        type="button"
        class="button small"
        @click=${() => this.parley.intend("retry_op", { change: row.change })}
      >
        Try again
      </button>
      <button
        type="button"
        class="button small quiet"
        @click=${() => this.parley.intend("discard_op", { change: row.change })}
      >
        Discard
      </button>
      ${
        row.text
          ? html`<button type="button" class="button small quiet" @click=${this.copy}>
              ${this.copied ? "Copied" : "Copy text"}
            </button>`
          : nothing
      }
    </div>`;
  }

  private async copy(): Promise<void> {
    this.copied = await copyText(this.row.text);
  }

  private notice(): TemplateResult {
    const { row } = this;
    return html`<p class="event">
      ${told(row)} ${row.time ? this.time("time") : nothing}
      ${row.mine && row.state !== "stored" ? this.state() : nothing}
      ${row.mine && row.state === "failed" ? this.failure() : nothing}
    </p>`;
  }
}

export function stateOf(row: Row): string {
  if (row.withdrawn) return "withdrawn";
  if (row.mine) return row.state;
  return row.committed ? "stored" : "sent";
}

function told(row: Row): TemplateResult {
  // The first room was made by nobody: the server did it.
  const who = html`<b>${row.author || "The server"}</b>`;
  switch (row.kind) {
    case "create":
      return html`${who} made this room`;
    case "join":
      return html`${who} joined`;
    case "leave":
      return html`${who} left`;
    default:
      return html`A message here could not be stored`;
  }
}

const lowered = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);
