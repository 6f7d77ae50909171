import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/gate.css";
import "./styles/shell.css";
import "./styles/timeline.css";
import "./styles/composer.css";
import "./styles/dialog.css";
import type { Row } from "./border";
import { Parley } from "./page/parley";
import { App } from "./ui/app";
const q = new URLSearchParams(location.search);
const parley = new Parley() as any;
const now = Date.now();
let n = 0;
const row = (author: string, text: string, ago: number, more: Partial<Row> = {}): Row => ({
  change: `${author}/${++n}`,
  seq: n,
  ordinal: 0,
  committed: true,
  mine: author === "mara",
  withdrawn: false,
  dimmed: false,
  state: "stored",
  reason: "",
  reasonSentence: "",
  saved: false,
  kind: "message",
  author,
  name: "",
  text,
  time: now - ago * 60000,
  ...more,
});
const rows: Row[] = [
  row("parley", "", 2900, { kind: "create" }),
  row(
    "jonas",
    "Good morning! I moved the release notes to https://example.org/notes/(draft), have a look when you can.",
    1500,
  ),
  row("jonas", "The short version: nothing is lost any more when the train goes into the tunnel.", 1499),
  row(
    "mara",
    "Lovely. I tested it on the way in: eleven messages typed under the river, all of them there in order.",
    1490,
  ),
  row("amina.k", "", 70, { kind: "join" }),
  row("amina.k", "Hello everybody :)", 64),
  row(
    "amina.k",
    "Is this where we plan the workshop? I have a first list:\n\n– room and projector\n– name tags\n– something to eat that is not pizza",
    63,
  ),
  row("jonas", "Exactly here. Welcome!", 60),
  row("mara", "Welcome, Amina. I can take the room.", 12),
  row("mara", "And the name tags, now that I think of it.", 11),
  row("jonas", "Then I'll look after lunch.", 6),
  row("mara", "Thanks!", 4, {}),
];
const states = [
  row("mara", "One that has its place", 2, { state: "sent", committed: false }),
  row("mara", "One on its way", 1, { state: "sending", seq: 0, ordinal: 1 }),
  row("mara", "One that waits on this device", 1, { state: "queued", seq: 0, ordinal: 2, saved: true }),
  row(
    "mara",
    "One that could not be sent, with a rather long text so that it is seen how that wraps on a small screen",
    0,
    { state: "failed", seq: 0, ordinal: 3, reason: "not_member", reasonSentence: "Join the room first" },
  ),
];
const room = (id: string, name: string, more: any = {}) => ({
  id,
  name,
  topic: "",
  members: 3,
  unread: 0,
  joined: true,
  joining: false,
  mayLeave: true,
  caughtUp: true,
  ...more,
});
const view = q.get("v") ?? "room";
const many = view === "long";
parley.begin = async () => {
  if (view === "signin") parley.become({ kind: "signed_out", notice: q.get("notice") ?? "", name: "" });
  else if (view === "displaced") parley.become({ kind: "displaced", by: "jonas" });
  else {
    parley.screen = {
      ...parley.screen,
      link: q.get("link") ?? "live",
      attempt: 3,
      nextAt: performance.now() + 4000,
      user: "mara",
      userName: "mara",
      outbox: view === "states" ? 3 : 0,
      sendAt: view === "states" ? performance.now() + 6000 : 0,
      rooms:
        view === "empty"
          ? []
          : [
              room("g", "general", { mayLeave: false }),
              room("w", "workshop", { topic: "Planning the spring workshop: 21 March, 14:00, upstairs" }),
              room("r", "random", { unread: 3 }),
              room("b", "a-room-with-quite-a-long-name-that-ends", { unread: 120 }),
            ],
      shownRoom: "w",
      rows:
        view === "new"
          ? rows.slice(0, 1)
          : view === "states"
            ? [...rows, ...states]
            : many
              ? [
                  ...Array.from({ length: 300 }, (_, i) =>
                    row(i % 7 < 4 ? "jonas" : "mara", `Message ${i}`, 9000 - i),
                  ),
                  ...rows,
                ]
              : rows,
      head: 12,
      w: 12,
      read: view === "unread" ? 9 : 12,
      heldFrom: many ? 5 : 0,
      draft: view === "draft" ? "A text\nof two lines" : "",
      memoryOnly: q.has("memory"),
      deviceFull: q.has("full"),
      members: [
        { id: "mara", name: "mara" },
        { id: "j", name: "jonas" },
        { id: "a", name: "amina.k" },
      ],
      listing: [
        { id: "w", name: "workshop", topic: "Planning the spring workshop", members: 3, joined: true },
        {
          id: "x",
          name: "book club",
          topic: "This month: The Left Hand of Darkness",
          members: 12,
          joined: false,
        },
        { id: "y", name: "lunch", topic: "", members: 1, joined: false },
      ],
      listingMore: true,
    };
    parley.become({ kind: "running" });
  }
};
parley.intend = async (kind: string, what: any) => {
  console.log(kind, JSON.stringify(what));
  return { intent: 0, code: "", sentence: "", change: "", room: "" };
};
const app = new App();
app.parley = parley;
document.body.prepend(app);
(window as any).fake = parley;
void parley.begin();
