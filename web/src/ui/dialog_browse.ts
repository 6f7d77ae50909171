import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { ListedRoom } from "../border";
import { Dialog } from "./dialog";
import { icons } from "./icons";
import { ask } from "./shell_events";
import { count } from "./words";

@customElement("parley-browse-rooms")
export class BrowseRooms extends Dialog {
  protected override readonly heading = "Browse rooms";
  @state() private wanted = "";
  private asked = "";

  protected override updated(): void {
    if (this.screen.link === this.asked) return;
    this.asked = this.screen.link;
    if (this.screen.link === "live") this.list("");
  }

  protected override body(): TemplateResult {
    const { listing, listingMore, listingKey, link } = this.screen;
    if (!listing)
      return html`<p class="side-empty">
        ${link === "live" ? "Looking…" : "The list comes from the server: it appears once the connection is back."}
      </p>`;
    const found = listing.filter(({ name, topic }) =>
      `${name}\n${topic}`.toLowerCase().includes(this.wanted),
    );
    return html`
      <label class="search-field">
        ${icons.search}
        <input
          type="search"
          aria-label="Find a room"
          autofocus
          placeholder="Find a room"
          autocomplete="off"
          @input=${this.searched}
        />
      </label>
      ${
        found.length
          ? html`<ul class="listing">
              ${repeat(
                found,
                (room) => room.id,
                (room) => this.listed(room),
              )}
            </ul>`
          : html`<p class="side-empty">
              ${listing.length ? "No room is called that." : "There are no rooms yet."}
              <button type="button" class="link" @click=${this.create}>Make one</button>
            </p>`
      }
      ${listingMore ? html`<button type="button" class="button quiet wide" @click=${() => this.list(listingKey)}>Show more</button>` : nothing}
    `;
  }

  private listed(room: ListedRoom): TemplateResult {
    const own = this.screen.rooms.find(({ id }) => id === room.id);
    const inside = own ? own.joined || own.joining : room.joined;
    return html`<li>
      <div class="listed">
        <strong id="listed-${room.id}">${room.name}</strong>
        <small>${count(room.members, "member")}${room.topic ? ` · ${room.topic}` : ""}</small>
      </div>
      ${
        inside
          ? html`<button type="button" class="button quiet small" @click=${() => this.show(room.id)}>
              Open
            </button>`
          : html`<button
              type="button"
              class="button small"
              aria-describedby="listed-${room.id}"
              @click=${() => this.join(room.id)}
            >
              Join
            </button>`
      }
    </li>`;
  }

  private list(key: string): void {
    void this.parley.intend("list_rooms", { text: key });
  }

  private searched(event: Event): void {
    this.wanted = (event.target as HTMLInputElement).value.trim().toLowerCase();
  }

  private create(): void {
    this.close();
    ask(this, "create");
  }

  private async join(room: string): Promise<void> {
    await this.parley.intend("join_room", { room });
    this.show(room);
  }

  private show(room: string): void {
    ask(this, "show", room);
    this.close();
  }
}
