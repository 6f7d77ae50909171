import { html, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { RoomItem } from "../border";
import { Dialog } from "./dialog";
import { ask } from "./shell_events";

@customElement("parley-leave-room")
export class LeaveRoom extends Dialog {
  @property({ attribute: false }) room!: RoomItem;

  protected override get heading(): string {
    return `Leave ${this.room.name}?`;
  }

  protected override body(): TemplateResult {
    return html`<p>You will no longer get its messages. You can join again at any time.</p>
      <footer class="dialog-foot">
        <button type="button" class="button quiet" @click=${() => this.close()}>Stay</button>
        <button type="button" class="button danger" @click=${this.leave}>Leave</button>
      </footer>`;
  }

  private leave(): void {
    void this.parley.intend("leave_room", { room: this.room.id });
    ask(this, "left", this.room.id);
    this.close();
  }
}
