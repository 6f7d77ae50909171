import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { keyed } from "lit/directives/keyed.js";
import type { RoomItem } from "../border";
import type { Parley } from "../page/parley";
import type { Screen } from "../page/screen";
import { icons } from "./icons";
import { Part } from "./part";
import { ask } from "./shell_events";
import type { Timeline } from "./timeline";
import { count } from "./words";

@customElement("parley-room")
export class Room extends Part {
  @property({ attribute: false }) parley!: Parley;
  @property({ attribute: false }) screen!: Screen;
  @property({ attribute: false }) room!: RoomItem;
  @property({ type: Boolean }) membersShown = false;
  @query("parley-timeline") private timeline!: Timeline | null;

  protected override render(): TemplateResult {
    const { parley, screen, room } = this;
    return html`
      ${this.head()}
      <parley-pane
        class="timeline-pane"
        .name=${"timeline"}
        .content=${() =>
          html`${keyed(
            room.id,
            html`<parley-timeline
              class="timeline"
              .parley=${parley}
              .screen=${screen}
              .room=${room}
            ></parley-timeline>`,
          )}`}
      ></parley-pane>
      <parley-pane
        .name=${"composer"}
        .content=${() => (room.joined || room.joining ? this.composer() : this.invitation())}
        @sent=${() => this.timeline?.follow()}
      ></parley-pane>
    `;
  }

  private head(): TemplateResult {
    const { room } = this;
    return html`<header class="room-head">
      <button
        type="button"
        class="icon-button back"
        aria-label="Back to rooms"
        @click=${() => ask(this, "list")}
      >
        ${icons.back}
      </button>
      <div class="room-title">
        <h2><span class="hash" aria-hidden="true">#</span>${room.name || "…"}</h2>
        ${room.topic ? html`<p title=${room.topic}>${room.topic}</p>` : nothing}
      </div>
      <button
        type="button"
        class="button quiet members-button"
        aria-expanded=${this.membersShown}
        aria-label=${`Members, ${count(room.members, "person", "people")}`}
        title="Members"
        @click=${() => ask(this, "members")}
      >
        ${icons.people}<span>${room.members || nothing}</span>
      </button>
      ${
        room.joined && room.mayLeave
          ? html`<button type="button" class="button quiet" @click=${() => ask(this, "leave", room.id)}>
              Leave
            </button>`
          : nothing
      }
    </header>`;
  }

  private composer(): TemplateResult {
    const { parley, screen, room } = this;
    return html`${keyed(
      room.id,
      html`<parley-composer .parley=${parley} .screen=${screen} .room=${room}></parley-composer>`,
    )}`;
  }

  private invitation(): TemplateResult {
    return html`<div class="join-bar">
      <p>You are not in this room.</p>
      <button
        type="button"
        class="button primary"
        @click=${() => this.parley.intend("join_room", { room: this.room.id })}
      >
        Join
      </button>
    </div>`;
  }
}
