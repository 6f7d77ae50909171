const nearEnd_px = 48;
const nudge_px = 200;
const hand_ms = 1_000;
const hands = ["wheel", "touchmove", "pointerdown", "keydown"] as const;

/**
 * Keeps what one reads where it is: at the end of the log (`endShown`) the view follows it, elsewhere the first row in
 * sight stays in its place, whatever grows above it, below it or around it.
 */
export class ReadingPlace {
  private atEnd = true;
  /** How much there was to scroll when its place was last known. */
  private height = 0;
  private handAt = -Infinity;
  /** The first row in sight, and where it stood when the view was scrolled to here. */
  private anchor: { row: HTMLElement; top: number; scrolled: number } | null = null;
  private readonly sizes = new ResizeObserver(() => this.restore());
  /** Whether there has been a layout, so that a scroll position means something. */
  hasSettled = false;

  constructor(
    private readonly scroller: HTMLElement,
    private readonly content: HTMLElement,
    private readonly endShown: () => boolean,
    private readonly moved: (atEnd: boolean) => void,
  ) {
    this.sizes.observe(scroller);
    this.sizes.observe(content);
    scroller.addEventListener("scroll", this.scrolled, { passive: true });
    for (const kind of hands) scroller.addEventListener(kind, this.handled, { passive: true });
  }

  toEnd(): void {
    this.atEnd = true;
    this.restore();
    this.moved(true);
  }

  /** What one read is not there any more. */
  get isLost(): boolean {
    return !this.anchor?.row.isConnected;
  }

  /** Brings what `selector` names into sight if the end of the log hides it above. */
  showIfAbove(selector: string): void {
    const line = this.content.querySelector<HTMLElement>(selector);
    if (!line || this.topOf(line) >= 0) return;
    this.scroller.scrollTop += this.topOf(line) - this.scroller.clientHeight / 4;
  }

  close(): void {
    this.sizes.disconnect();
    this.scroller.removeEventListener("scroll", this.scrolled);
    for (const kind of hands) this.scroller.removeEventListener(kind, this.handled);
  }

  private readonly handled = ({ timeStamp }: Event): void => {
    this.handAt = timeStamp;
  };

  private restore(): void {
    this.hasSettled = true;
    if (this.atEnd && this.endShown()) this.scroller.scrollTop = this.scroller.scrollHeight;
    else if (this.anchor?.row.isConnected) this.backTo(this.anchor);
    this.remember();
  }

  /** What was scrolled since is meant, though its event may still be on its way. */
  private backTo({ row, top, scrolled }: { row: HTMLElement; top: number; scrolled: number }): void {
    this.scroller.scrollTop += this.topOf(row) - top + (this.scroller.scrollTop - scrolled);
  }

  /** Who was at the end is there still unless they went: a browser nudges the view when rows get their sizes. */
  private readonly scrolled = ({ timeStamp }: Event): void => {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const beyond = scrollHeight - scrollTop - clientHeight;
    const went = timeStamp - this.handAt < hand_ms || (scrollHeight === this.height && beyond > nudge_px);
    if (this.atEnd && this.endShown() && beyond >= nearEnd_px && !went) return this.restore();
    this.atEnd = this.endShown() && beyond < nearEnd_px;
    this.remember();
    this.moved(this.atEnd);
  };

  private remember(): void {
    this.height = this.scroller.scrollHeight;
    const row = this.firstInSight();
    this.anchor = row && { row, top: this.topOf(row), scrolled: this.scroller.scrollTop };
  }

  private topOf(element: HTMLElement): number {
    return element.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
  }

  private firstInSight(): HTMLElement | null {
    const rows = this.content.querySelectorAll<HTMLElement>(".row");
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle]!.getBoundingClientRect().bottom <= this.scroller.getBoundingClientRect().top)
        low = middle + 1;
      else high = middle;
    }
    return rows[low] ?? null;
  }
}
