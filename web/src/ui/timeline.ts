import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { RoomItem } from "../border";
import type { Parley } from "../page/parley";
import type { Screen } from "../page/screen";
import { icons } from "./icons";
import { Part } from "./part";
import { ReadingPlace } from "./reading_place";
import { itemsOf, type Item } from "./timeline_items";
import { count, dayName } from "./words";

const nearTop_px = 700;

/** One room's log, as far as it is held. */
@customElement("parley-timeline")
export class Timeline extends Part {
  @property({ attribute: false }) parley!: Parley;
  @property({ attribute: false }) screen!: Screen;
  @property({ attribute: false }) room!: RoomItem;
  @state() private atEnd = true;
  @query(".scroller") private scroller!: HTMLElement;
  @query(".rows") private content!: HTMLElement;

  private place: ReadingPlace | null = null;
  /** Others' rows beyond this place are new since one last looked. */
  private lineAfter = Infinity;
  private lineSettled = false;
  private seen = 0;
  private told = 0;
  private askedFrom = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.looked);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.looked);
    this.place?.close();
  }

  /** One's own new message is always looked at. */
  follow(): void {
    this.lineAfter = Infinity;
    this.place?.toEnd();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("screen")) return;
    if (!this.lineSettled) this.settleLine();
    else if (!this.attentive && this.lineAfter < this.seen) this.lineAfter = this.seen;
    else if (!this.attentive && this.lineAfter === Infinity && this.lastPlace > this.seen)
      this.lineAfter = this.seen;
  }

  protected override render(): TemplateResult {
    const items = itemsOf(this.screen.rows, this.lineAfter);
    const fresh = this.atEnd || !this.lineSettled ? 0 : this.freshRows();
    return html`<div
        class="scroller"
        role="log"
        tabindex="0"
        aria-label="Messages in ${this.room.name}"
        aria-busy=${this.screen.loadingOlder}
      >
        <div class="rows">
          ${this.top()}
          ${repeat(
            items,
            (item) => item.key,
            (item) => this.item(item),
          )}
        </div>
      </div>
      ${
        this.atEnd
          ? nothing
          : html`<button type="button" class="button to-latest" @click=${this.toLatest}>
              ${icons.down}<span
                >Jump to latest${fresh ? html` <b>${count(fresh, "new message")}</b>` : nothing}</span
              >
            </button>`
      }`;
  }

  protected override firstUpdated(): void {
    this.place = new ReadingPlace(this.scroller, this.content, (atEnd) => {
      this.atEnd = atEnd;
      this.looked();
      this.wantOlder();
    });
  }

  protected override updated(): void {
    this.looked();
    this.wantOlder();
  }

  private item(item: Item): TemplateResult {
    if (item.kind === "day")
      return html`<div class="day" role="separator"><span>${dayName(item.day, Date.now())}</span></div>`;
    if (item.kind === "line")
      return html`<div class="new-line" role="separator"><span>New messages</span></div>`;
    const { row, lead } = item;
    const dimmed = row.dimmed || row.withdrawn || (row.mine && row.state === "failed");
    return html`<parley-message
      class="row ${row.kind === "message" ? "said-row" : "event-row"} ${lead ? "lead" : ""} ${dimmed ? "dimmed" : ""}"
      .parley=${this.parley}
      .row=${row}
      .lead=${lead}
    ></parley-message>`;
  }

  private top(): TemplateResult {
    if (this.screen.heldFrom > 0)
      return html`<p class="older">
        ${this.screen.loadingOlder ? html`<span class="spinner"></span> Loading earlier messages` : "Earlier messages"}
      </p>`;
    if (!this.screen.rows.length && !this.room.caughtUp)
      return html`<p class="older">
        ${this.screen.link === "live" ? "Loading…" : "Messages appear once the connection is there."}
      </p>`;
    return html`<div class="beginning">
      <div class="beginning-mark">${icons.hash}</div>
      <h3>This is where ${this.room.name} begins</h3>
      <p>${this.room.topic || "Write the first words below, or ask somebody to join."}</p>
    </div>`;
  }

  // ---- what has been seen

  private get attentive(): boolean {
    return this.atEnd && !document.hidden;
  }

  private get lastPlace(): number {
    const { rows } = this.screen;
    for (let at = rows.length - 1; at >= 0; at--) if (rows[at]!.seq) return rows[at]!.seq;
    return 0;
  }

  private freshRows(): number {
    return this.screen.rows.reduce(
      (sum, row) => sum + (!row.mine && row.seq > this.seen && row.kind === "message" ? 1 : 0),
      0,
    );
  }

  /** The line stands where one had read to when the room was opened; a room never read has none. */
  private settleLine(): void {
    if (!this.room.caughtUp || !this.screen.rows.length) return;
    this.lineSettled = true;
    this.seen = this.screen.read;
    if (!this.screen.read || !this.screen.rows.some((row) => !row.mine && row.seq > this.screen.read)) return;
    this.lineAfter = this.screen.read;
    requestAnimationFrame(() => this.place?.showIfAbove(".new-line"));
  }

  private readonly looked = (): void => {
    if (!this.attentive || !this.lineSettled) return;
    this.seen = Math.max(this.seen, this.lastPlace);
    const { w, read } = this.screen;
    if (w <= read || w <= this.told || !this.room.joined) return;
    this.told = w;
    void this.parley.intend("mark_read", { room: this.room.id });
  };

  private wantOlder(): void {
    const { heldFrom, loadingOlder, link } = this.screen;
    if (link !== "live") this.askedFrom = 0;
    if (!heldFrom || loadingOlder || link !== "live" || heldFrom === this.askedFrom) return;
    if (!this.place?.hasSettled || this.scroller.scrollTop > nearTop_px) return;
    this.askedFrom = heldFrom;
    void this.parley.intend("load_older", { room: this.room.id });
  }

  private toLatest(): void {
    this.place?.toEnd();
    this.scroller.focus();
  }
}
