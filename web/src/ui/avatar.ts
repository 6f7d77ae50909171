import { html, type TemplateResult } from "lit";
import { hueOf, initials } from "./words";

export const avatar = (name: string, className = ""): TemplateResult =>
  html`<span class="avatar hue-${hueOf(name)} ${className}" aria-hidden="true">${initials(name)}</span>`;
