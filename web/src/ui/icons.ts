import { svg, html, type TemplateResult } from "lit";

function icon(body: TemplateResult<2>, className = ""): TemplateResult {
  return html`<svg
    class="icon ${className}"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.8"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${body}
  </svg>`;
}

export const icons = {
  clock: icon(svg`<circle cx="12" cy="12" r="8.2" /><path d="M12 7.4V12l3 1.900" />`),
  tick: icon(svg`<path d="m5.500 12.600 4.300 4.300 8.700-9.400" />`),
  ticks: icon(
    svg`<path d="m2.200 12.800 4.100 4.100L14.500 8" /><path d="m11.200 16.300.600.600 8.700-9.400" />`,
  ),
  alert: icon(svg`<circle cx="12" cy="12" r="8.700" /><path d="M12 7.600v5.200M12 16.200v.1" />`),
  report: icon(
    svg`<path d="M6 20.400V4.200c3.800-2.100 7.400 2.100 11.600.2v9c-4.200 1.900-7.800-2.300-11.600-.2" />`,
  ),
  plus: icon(svg`<path d="M12 5v14M5 12h14" />`),
  search: icon(svg`<circle cx="11" cy="11" r="6.200" /><path d="m15.800 15.800 4 4" />`),
  people: icon(
    svg`<circle cx="9" cy="8" r="3.400" /><path d="M2.800 19.200c.5-3.400 3-5.200 6.200-5.200s5.700 1.800 6.200 5.200" /><path d="M15.600 4.900a3.400 3.400 0 0 1 0 6.200M17.600 14.500c2 .700 3.300 2.300 3.600 4.700" />`,
  ),
  invite: icon(
    svg`<circle cx="10" cy="8" r="3.600" /><path d="M3.400 19.400c.5-3.500 3.200-5.400 6.600-5.400 1.200 0 2.300.2 3.200.700" /><path d="M18 13.500v6M15 16.500h6" />`,
  ),
  leave: icon(
    svg`<path d="M14 4.500H6.500a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1H14" /><path d="M10.500 12h9.300M16.400 8.300l3.700 3.700-3.700 3.700" />`,
  ),
  back: icon(svg`<path d="M14.500 5.500 8 12l6.500 6.500" />`),
  close: icon(svg`<path d="M6 6l12 12M18 6 6 18" />`),
  send: icon(
    svg`<path d="M4.500 12 4 5.200c0-.7.700-1.100 1.300-.800l14.200 6.800c.700.300.700 1.300 0 1.600L5.300 19.600c-.6.300-1.300-.1-1.300-.8z" /><path d="M4.500 12h7" />`,
  ),
  down: icon(svg`<path d="M12 5v13.500M6.300 13 12 18.700 17.700 13" />`),
  hash: icon(svg`<path d="M9.800 4 8 20M16 4l-1.800 16M4.500 9h16M3.500 15h16" />`),
  offline: icon(
    svg`<path d="M3.500 9.500A12.500 12.500 0 0 1 12 6.200c3.300 0 6.300 1.300 8.500 3.300M6.800 13a7.700 7.700 0 0 1 10.400 0M10 16.400a3 3 0 0 1 4 0" /><path d="M4 4l16 16" />`,
  ),
  unlocked: icon(
    svg`<rect x="5.500" y="11" width="13" height="8.500" rx="2" /><path d="M8.500 11V8a3.500 3.500 0 0 1 6.800-1.200" />`,
  ),
  copy: icon(
    svg`<rect x="8.500" y="8.500" width="11" height="11" rx="2" /><path d="M15.500 5.500v-.3a1.700 1.700 0 0 0-1.700-1.700H5.700A1.700 1.700 0 0 0 4 5.200v8.100A1.700 1.700 0 0 0 5.700 15h.3" />`,
  ),
};

export const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
  <rect class="mark-ground" width="32" height="32" rx="9" />
  <path
    class="mark-front"
    d="M8 9.5A2.5 2.5 0 0 1 10.5 7h8A2.5 2.5 0 0 1 21 9.5v5a2.5 2.5 0 0 1-2.5 2.5H13l-3.6 2.9c-.5.4-1.400 0-1.400-.7z"
  />
  <path
    class="mark-back"
    d="M23.4 12.2c.9.4 1.6 1.3 1.6 2.3v9.7c0 .7-.8 1.1-1.4.7L20 22h-5.500c-.8 0-1.500-.4-2-1l1.600-1.400h4.900a4.500 4.500 0 0 0 4.400-4.500z"
  />
</svg>`;
