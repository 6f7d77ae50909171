import { html, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { RoomItem } from "../border";
import type { Screen } from "../page/screen";
import { avatar } from "./avatar";
import { icons, mark } from "./icons";
import { Part } from "./part";
import { ask } from "./shell_events";
import { count } from "./words";

const openToOthers = () =>
  location.protocol === "http:" && !/^(localhost|127\..*|\[::1\])$/.test(location.hostname);

@customElement("parley-rooms")
export class Rooms extends Part {
  @property({ attribute: false }) screen!: Screen;
  private focused = "";

  /** An item that moves to another place in the list loses the focus, and nobody meant that. */
  protected override willUpdate(): void {
    const { activeElement } = document;
    this.focused = this.contains(activeElement) ? ((activeElement as HTMLElement).dataset["room"] ?? "") : "";
  }

  protected override updated(): void {
    if (!this.focused || this.contains(document.activeElement)) return;
    this.querySelector<HTMLElement>(`[data-room="${this.focused}"]`)?.focus();
  }

  protected override render(): TemplateResult {
    return html`
      <header class="side-head">
        <div class="brand">${mark}<span>Parley</span></div>
      </header>
      <nav class="room-nav" aria-labelledby="rooms-title" @keydown=${this.keyed}>
        <div class="side-title">
          <h2 id="rooms-title">Rooms</h2>
          <button
            type="button"
            class="icon-button"
            aria-label="Browse rooms"
            title="Browse rooms"
            @click=${() => ask(this, "browse")}
          >
            ${icons.search}
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label="New room"
            title="New room"
            @click=${() => ask(this, "create")}
          >
            ${icons.plus}
          </button>
        </div>
        <div class="room-list">
          ${
            this.rooms.length
              ? repeat(
                  this.rooms,
                  (room) => room.id,
                  (room) => this.item(room),
                )
              : this.empty()
          }
        </div>
      </nav>
      ${
        openToOthers()
          ? html`<p class="side-note">
              ${icons.unlocked}<span>Not encrypted: others on this network can read along.</span>
            </p>`
          : nothing
      }
      ${this.me()}
    `;
  }

  private get rooms(): readonly RoomItem[] {
    return this.screen.rooms.filter(
      (room) => room.joined || room.joining || room.id === this.screen.shownRoom,
    );
  }

  private item(room: RoomItem): TemplateResult {
    const shown = room.id === this.screen.shownRoom;
    const unread = room.joined && !shown ? room.unread : 0;
    return html`<button
      type="button"
      class="room-item ${unread ? "unread" : ""} ${room.joined ? "" : "not-yet"}"
      aria-current=${shown ? "page" : nothing}
      data-room=${room.id}
      @click=${() => ask(this, "show", room.id)}
    >
      <span class="room-mark" aria-hidden="true"
        >${icons.hash}${unread ? html`<span class="dot"></span>` : nothing}</span
      >
      <span class="room-name">${room.name || "…"}</span>
      ${room.joining ? html`<span class="spinner" aria-hidden="true"></span><span class="unseen">joining</span>` : nothing}
      ${
        unread
          ? html`<span class="badge"
              ><span aria-hidden="true">${unread > 99 ? "99+" : unread}</span
              ><span class="unseen">${count(unread, "unread message")}</span></span
            >`
          : nothing
      }
    </button>`;
  }

  private empty(): TemplateResult {
    if (this.screen.link !== "live")
      return html`<p class="side-empty">Your rooms appear once the connection is there.</p>`;
    return html`<p class="side-empty">No rooms yet. Make one with +, or look for one to join.</p>`;
  }

  private me(): TemplateResult {
    const { userName } = this.screen;
    return html`<footer class="me">
      ${avatar(userName)}
      <span class="me-name" title=${userName}>${userName}</span>
      <button
        type="button"
        class="icon-button"
        aria-label="Invite people"
        title="Invite people"
        @click=${() => ask(this, "invite")}
      >
        ${icons.invite}
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Report a problem"
        title="Report a problem"
        @click=${() => ask(this, "report")}
      >
        ${icons.report}
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Sign out"
        title="Sign out"
        @click=${() => ask(this, "sign_out")}
      >
        ${icons.leave}
      </button>
    </footer>`;
  }

  /** Up and down walk the rooms, as in any list. */
  private keyed(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const items = [...this.querySelectorAll<HTMLElement>(".room-item")];
    const at = items.indexOf(document.activeElement as HTMLElement);
    if (!step || at < 0) return;
    event.preventDefault();
    items[(at + step + items.length) % items.length]?.focus();
  }
}
