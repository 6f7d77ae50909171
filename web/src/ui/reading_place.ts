const nearEnd_px = 48;

/**
 * Keeps what one reads where it is: at the end the view follows, elsewhere the first row in sight stays in its place,
 * whatever grows above it, below it or around it.
 */
export class ReadingPlace {
  private atEnd = true;
  /** The first row in sight, and where it stood when the view was scrolled to here. */
  private anchor: { row: HTMLElement; top: number; scrolled: number } | null = null;
  private readonly sizes = new ResizeObserver(() => this.restore());
  /** Whether there has been a layout, so that a scroll position means something. */
  hasSettled = false;

  constructor(
    private readonly scroller: HTMLElement,
    private readonly content: HTMLElement,
    private readonly moved: (atEnd: boolean) => void,
  ) {
    this.sizes.observe(scroller);
    this.sizes.observe(content);
    scroller.addEventListener("scroll", this.scrolled, { passive: true });
  }

  toEnd(): void {
    this.atEnd = true;
    this.restore();
    this.moved(true);
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
  }

  private restore(): void {
    this.hasSettled = true;
    if (this.atEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
    else if (this.anchor?.row.isConnected) this.backTo(this.anchor);
    this.remember();
  }

  /** What was scrolled since is meant, though its event may still be on its way. */
  private backTo({ row, top, scrolled }: { row: HTMLElement; top: number; scrolled: number }): void {
    this.scroller.scrollTop += this.topOf(row) - top + (this.scroller.scrollTop - scrolled);
  }

  private readonly scrolled = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.atEnd = scrollHeight - scrollTop - clientHeight < nearEnd_px;
    this.remember();
    this.moved(this.atEnd);
  };

  private remember(): void {
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
