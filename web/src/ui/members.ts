import { html, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { Parley } from "../page/parley";
import type { Screen } from "../page/screen";
import { avatar } from "./avatar";
import { icons } from "./icons";
import { Part } from "./part";
import { ask } from "./shell_events";

@customElement("parley-members")
export class Members extends Part {
  @property({ attribute: false }) parley!: Parley;
  @property({ attribute: false }) screen!: Screen;
  private asked = "";

  /** The list is asked for when the pane opens, and again when the room's count has changed. */
  protected override updated(): void {
    const room = this.screen.rooms.find(({ id }) => id === this.screen.shownRoom);
    const wanted = `${this.screen.shownRoom} ${room?.members} ${this.screen.link === "live"}`;
    if (wanted === this.asked) return;
    this.asked = wanted;
    if (this.screen.link === "live") void this.parley.intend("list_members", { room: this.screen.shownRoom });
  }

  protected override render(): TemplateResult {
    return html`<header class="pane-head">
        <h2>Members</h2>
        <button
          type="button"
          class="icon-button"
          aria-label="Close members"
          @click=${() => ask(this, "members")}
        >
          ${icons.close}
        </button>
      </header>
      ${this.list()}`;
  }

  private list(): TemplateResult {
    const { members, user, link } = this.screen;
    if (!members)
      return html`<p class="side-empty">
        ${link === "live" ? "Loading…" : "Shown once the connection is back."}
      </p>`;
    // Who made the first room is nobody that one could talk to.
    const sorted = members.filter(({ name }) => name).sort((a, b) => a.name.localeCompare(b.name));
    return html`<ul class="member-list">
      ${repeat(
        sorted,
        (member) => member.id,
        (member) =>
          html`<li>
            ${avatar(member.name, "small")}<span>${member.name}</span>${member.id === user ? html`<em>you</em>` : ""}
          </li>`,
      )}
    </ul>`;
  }
}
