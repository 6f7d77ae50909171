import { LitElement } from "lit";

/**
 * An element of the page without a shadow: one style sheet, one tree for password fillers and screen readers. What it
 * throws while drawing becomes `part-failed`, which the pane around it catches.
 */
export abstract class Part extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override performUpdate(): void {
    try {
      super.performUpdate();
    } catch (error) {
      this.dispatchEvent(new CustomEvent("part-failed", { bubbles: true, detail: error }));
    }
  }
}
