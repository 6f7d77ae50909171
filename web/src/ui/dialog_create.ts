import { html, nothing, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { Dialog } from "./dialog";
import { icons } from "./icons";
import { ask } from "./shell_events";

@customElement("parley-create-room")
export class CreateRoom extends Dialog {
  protected override readonly heading = "New room";
  @state() private typed = "";
  @state() private error = "";
  @query("input[name=name]") private nameField!: HTMLInputElement;
  @query("input[name=topic]") private topicField!: HTMLInputElement;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.parley.intend("list_rooms", { text: "" });
  }

  protected override body(): TemplateResult {
    const taken = this.taken;
    return html`<form class="form" @submit=${this.submitted} novalidate>
      <label class="field">
        <span>Room name</span>
        <input
          name="name"
          autofocus
          maxlength="64"
          autocomplete="off"
          required
          @input=${() => (this.typed = this.nameField.value)}
        />
      </label>
      ${
        taken
          ? html`<p class="note" role="status">
              ${icons.alert}<span
                >There is a room called <b>${taken}</b> already. A second one is fine, and may confuse
                people.</span
              >
            </p>`
          : nothing
      }
      <label class="field">
        <span>Topic <em>if you like</em></span>
        <input name="topic" maxlength="256" autocomplete="off" />
      </label>
      ${this.error ? html`<p class="note danger" role="alert">${icons.alert}<span>${this.error}</span></p>` : nothing}
      <footer class="dialog-foot">
        <button type="button" class="button quiet" @click=${() => this.close()}>Cancel</button>
        <button type="submit" class="button primary">Create room</button>
      </footer>
    </form>`;
  }

  private get taken(): string {
    const wanted = this.typed.trim().toLowerCase();
    const known = [...this.screen.rooms, ...(this.screen.listing ?? [])];
    return wanted ? (known.find(({ name }) => name.toLowerCase() === wanted)?.name ?? "") : "";
  }

  private submitted(event: Event): void {
    event.preventDefault();
    void this.create();
  }

  private async create(): Promise<void> {
    const name = this.nameField.value.trim();
    if (!name) {
      this.error = "Give the room a name.";
      this.nameField.focus();
      return;
    }
    const { code, sentence, room } = await this.parley.intend("create_room", {
      name,
      text: this.topicField.value.trim(),
    });
    if (code) {
      this.error = `${sentence}.`;
      return;
    }
    ask(this, "show", room);
    this.close();
  }
}
