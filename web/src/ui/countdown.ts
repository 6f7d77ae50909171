import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Draws its host anew whenever the second that it tells has passed. */
export class Countdown implements ReactiveController {
  private ticking = 0;
  private left = 0;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  /** Milliseconds until then, as they are drawn now; none are left when it is past. */
  until(at: number): number {
    return (this.left = at - performance.now());
  }

  hostUpdated(): void {
    clearTimeout(this.ticking);
    if (this.left > 0)
      this.ticking = window.setTimeout(() => this.host.requestUpdate(), this.left % 1_000 || 1_000);
  }

  hostDisconnected(): void {
    clearTimeout(this.ticking);
  }
}
