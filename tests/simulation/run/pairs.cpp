#include "tests/simulation/run/pairs.hpp"

#include "tests/simulation/plan/deed.hpp"

#include <algorithm>

namespace parley::simulation {

namespace {

std::vector<std::string_view> faults() {
    std::vector<std::string_view> names{"connection_lost", "worker_dies", "server_dies"};
    for (auto i = static_cast<std::size_t>(first_fault); i < deeds; ++i)
        names.push_back(deed_names[i]);
    return names;
}

/// Of a state or a fact, "*" is any.
struct explanation {
    std::string_view machine, state, fact, why;
};

const std::vector<explanation>& explanations() {
    constexpr std::string_view once = "a core is started once, before anything else";
    constexpr std::string_view greets = "a client says hello first, and once; tests/unit/hub has others";
    constexpr std::string_view followed = "told of rooms only that were subscribed to, and so are known";
    constexpr std::string_view left = "of a room that one has left nothing is told that it had before";
    constexpr std::string_view fresh_room =
        "an id of a room is made with its create, and a hub that has asked "
        "for one, or knows the room, answers a second by itself";
    constexpr std::string_view one_content =
        "a client gives an id to one content; tests/unit/backbone has others";
    static const std::vector<explanation> all{
        {"connection", "*", "started", once},
        {"connection", "connecting", "bytes_arrived", "a socket says nothing before it is open"},
        {"connection", "greeting", "socket_opened", "a socket opens once, before it is greeted"},
        {"connection", "live", "socket_opened", "a socket opens once, before it is greeted"},
        {"connection", "failed", "bytes_arrived",
         "the last socket is closed, and nothing comes of it any more"},
        {"op", "failed", "told_placed", "what failed is not on offer; offered again it is queued"},
        {"followed room", "listed", "truncated", left},
        {"followed room", "listed", "behind", left},
        {"op", "sent", "told_rejected", "what has a place is not refused (L5)"},
        {"followed room", "unknown", "page", followed},
        {"followed room", "unknown", "event", followed},
        {"followed room", "unknown", "watermark", followed},
        {"followed room", "unknown", "truncated", followed},
        {"followed room", "unknown", "behind", followed},
        {"followed room", "live", "page", "a page begins a resume, which who is live has not asked for"},
        {"session", "opened", "*", greets},
        {"session", "greeted", "hello", greets},
        {"sequencer", "create", "duplicate", fresh_room},
        {"sequencer", "create", "ask", fresh_room},
        {"sequencer", "create", "stale", fresh_room},
        {"sequencer", "create", "skipped", fresh_room},
        {"sequencer", "create", "after_missing", "a create is the first of its lane"},
        {"sequencer", "void", "stale", "a void gives nobody a right"},
        {"sequencer", "void", "conflict", "a void has no content that could differ"},
        {"sequencer", "*", "conflict", one_content}};
    return all;
}

bool fits(std::string_view pattern, std::string_view name) {
    return pattern == "*" || pattern == name;
}

std::string_view why_not(std::string_view machine, std::string_view state, std::string_view fact) {
    const auto& all = explanations();
    const auto found = std::find_if(all.begin(), all.end(), [&](const explanation& one) {
        return one.machine == machine && fits(one.state, state) && fits(one.fact, fact);
    });
    return found == all.end() ? std::string_view{} : found->why;
}

}  // namespace

const std::vector<machine>& machines() {
    static const std::vector<machine> all{
        {"connection",
         {"offline", "connecting", "greeting", "live", "waiting", "failed"},
         {"started", "signed_in", "signed_out", "socket_opened", "bytes_arrived", "socket_closed",
          "persisted", "persist_failed", "outbox_claimed", "network_changed", "page_shown", "intended",
          "deadline_passed"}},
        {"op",
         {"queued", "sending", "sent", "failed"},
         {"told_unknown", "told_placed", "told_committed", "told_rejected", "told_later", "told_event",
          "connection_lost", "write_failed", "discarded", "retried", "copied_back", "signed_out"}},
        {"followed room",
         {"unknown", "listed", "joined", "live"},
         {"room", "page", "event", "watermark", "truncated", "behind", "show_room", "load_older", "mark_read",
          "join_room", "leave_room", "send_message"}},
        {"session",
         {"opened", "greeted"},
         {"hello", "subscribe", "unsubscribe", "settle", "op", "request", "receipt", "ping"}},
        {"member",
         {"outside", "inside"},
         {"subscribe", "settle", "create", "join", "leave", "message", "void", "history", "members",
          "receipt"}},
        {"sequencer",
         {"void", "create", "join", "leave", "message"},
         {"placed", "duplicate", "conflict", "ask", "after_missing", "stale", "busy", "skipped", "lost"}},
        {"committer",
         {"well", "failing"},
         {"events committed", "events refused", "events failed", "events superseded", "nothing committed",
          "nothing failed", "nothing superseded"}},
        {"journey", {"composed", "kept", "offered", "placed", "stored"}, faults()}};
    return all;
}

std::string pair_name(std::string_view machine, std::string_view state, std::string_view fact) {
    std::string name(machine);
    return name.append(": ").append(state).append(" × ").append(fact);
}

std::vector<unmet_pair> unmet(const met_pairs& met) {
    std::vector<unmet_pair> missing;
    for (const auto& one : machines())
        for (const auto state : one.states)
            for (const auto fact : one.facts) {
                auto name = pair_name(one.name, state, fact);
                if (met.count(name) == 0)
                    missing.push_back({std::move(name), why_not(one.name, state, fact)});
            }
    return missing;
}

}  // namespace parley::simulation
