import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { RoomItem } from "../border";
import type { Parley } from "../page/parley";
import type { Screen } from "../page/screen";
import "./banner";
import "./composer";
import "./dialog_browse";
import "./dialog_create";
import "./dialog_invite";
import "./dialog_leave";
import "./dialog_report";
import "./dialog_sign_out";
import { icons } from "./icons";
import "./members";
import "./message";
import { Part } from "./part";
import "./room";
import "./rooms";
import { ask, type Ask, type Asked } from "./shell_events";
import "./timeline";

const roomInAddress = () => new URLSearchParams(location.hash.slice(1)).get("room") ?? "";
const wide = matchMedia("(min-width: 45rem)");

/** The signed-in page: rooms, the one that is shown, its members, and the dialogs above them. */
@customElement("parley-shell")
export class Shell extends Part {
  @property({ attribute: false }) parley!: Parley;
  @property({ attribute: false }) screen!: Screen;
  @state() private dialog: { readonly what: Asked; readonly room: string } | null = null;
  @state() private membersShown = false;
  private wanted = roomInAddress();

  constructor() {
    super();
    this.addEventListener("ask", (event) => this.asked((event as CustomEvent<Ask>).detail));
    this.addEventListener("done", () => (this.dialog = null));
    this.addEventListener("keydown", (event) => this.keyed(event));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("popstate", this.addressChanged);
    if (this.wanted) void this.parley.intend("show_room", { room: this.wanted });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("popstate", this.addressChanged);
  }

  /** With room for both, a first room is opened beside the list. */
  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("screen") || this.wanted || !wide.matches) return;
    const first = this.screen.rooms.find((room) => room.joined);
    if (first) this.show(first.id, false);
  }

  protected override render(): TemplateResult {
    const { parley, screen, room } = this;
    const members = this.membersShown && room !== undefined;
    return html`<main class="shell ${this.wanted ? "in-room" : "in-list"} ${members ? "with-members" : ""}">
      <h1 class="unseen">Parley</h1>
      <parley-pane
        class="banner-pane"
        .name=${"banner"}
        .content=${() => html`<parley-banner .parley=${parley} .screen=${screen}></parley-banner>`}
      ></parley-pane>
      <parley-pane
        class="side"
        .name=${"rooms"}
        .content=${() => html`<parley-rooms .screen=${screen}></parley-rooms>`}
      ></parley-pane>
      <div class="main">${room ? this.roomPane(room) : this.nothingShown()}</div>
      ${
        members
          ? html`<section class="members" aria-label="Members">
              <parley-pane
                .name=${"members"}
                .content=${() => html`<parley-members .parley=${parley} .screen=${screen}></parley-members>`}
              ></parley-pane>
            </section>`
          : nothing
      }
      <parley-pane .name=${"dialog"} .content=${() => this.openDialog()}></parley-pane>
    </main>`;
  }

  private get room(): RoomItem | undefined {
    const { rooms, shownRoom } = this.screen;
    return shownRoom === this.wanted ? rooms.find(({ id }) => id === shownRoom) : undefined;
  }

  private roomPane(room: RoomItem): TemplateResult {
    const { parley, screen, membersShown } = this;
    return html`<parley-pane
      class="room-pane"
      .name=${"room"}
      .content=${() =>
        html`<parley-room
          class="room"
          .parley=${parley}
          .screen=${screen}
          .room=${room}
          .membersShown=${membersShown}
        ></parley-room>`}
    ></parley-pane>`;
  }

  private nothingShown(): TemplateResult {
    const { link, shownRoom, rooms } = this.screen;
    if (link !== "live" || (this.wanted && shownRoom !== this.wanted) || !rooms.length)
      return html`<div class="empty">
        <p class="empty-soon">
          ${link === "live" ? "Opening the room…" : "Your rooms appear once the connection is there."}
        </p>
      </div>`;
    return html`<div class="empty ${this.wanted ? "empty-soon" : ""}">
      <div class="beginning-mark">${icons.hash}</div>
      <h2>${this.wanted ? "You are not in this room" : "Pick a room, or make one"}</h2>
      <p>
        ${
          this.wanted
            ? "You left it, or it was never yours to see."
            : "Rooms are where people talk. Join one that exists, or open a new one and ask others in."
        }
      </p>
      <div class="empty-ways">
        <button type="button" class="button primary" @click=${() => ask(this, "browse")}>Browse rooms</button>
        <button type="button" class="button" @click=${() => ask(this, "create")}>New room</button>
      </div>
    </div>`;
  }

  private openDialog(): TemplateResult {
    const { parley, screen, dialog } = this;
    switch (dialog?.what) {
      case "create":
        return html`<parley-create-room .parley=${parley} .screen=${screen}></parley-create-room>`;
      case "browse":
        return html`<parley-browse-rooms .parley=${parley} .screen=${screen}></parley-browse-rooms>`;
      case "invite":
        return html`<parley-invite .parley=${parley} .screen=${screen}></parley-invite>`;
      case "sign_out":
        return html`<parley-sign-out .parley=${parley} .screen=${screen}></parley-sign-out>`;
      case "report":
        return html`<parley-report .parley=${parley} .screen=${screen}></parley-report>`;
      case "leave": {
        const room = screen.rooms.find(({ id }) => id === dialog.room);
        return room
          ? html`<parley-leave-room .parley=${parley} .screen=${screen} .room=${room}></parley-leave-room>`
          : html``;
      }
      default:
        return html``;
    }
  }

  private asked({ what, room }: Ask): void {
    if (what === "show") this.show(room);
    else if (what === "list") this.toList();
    else if (what === "left") this.leftRoom(room);
    else if (what === "members") this.membersShown = !this.membersShown;
    else this.dialog = { what, room };
  }

  private show(room: string, remember = true): void {
    if (room === this.wanted) return;
    this.wanted = room;
    if (remember) history.pushState(null, "", `#room=${room}`);
    void this.parley.intend("show_room", { room });
    this.requestUpdate();
  }

  private leftRoom(left: string): void {
    const next = this.screen.rooms.find((room) => room.joined && room.id !== left);
    if (wide.matches && next) this.show(next.id);
    else this.toList();
  }

  private toList(): void {
    history.pushState(null, "", location.pathname);
    this.addressChanged();
  }

  private readonly addressChanged = (): void => {
    const room = roomInAddress();
    if (room === this.wanted) return;
    this.wanted = room;
    this.membersShown = false;
    void this.parley.intend("show_room", { room });
    this.requestUpdate();
  };

  private keyed(event: KeyboardEvent): void {
    if (event.key !== "Escape" || this.dialog || !this.membersShown) return;
    this.membersShown = false;
    this.querySelector<HTMLElement>(".members-button")?.focus();
  }
}
