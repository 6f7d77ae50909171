#include "tests/simulation/base/describe.hpp"

#include <variant>

namespace parley::simulation {

namespace {

std::string number(std::uint64_t n) {
    return std::to_string(n);
}

constexpr const char* intents[] = {"show_room",  "send_message", "save_draft",   "create_room", "join_room",
                                   "leave_room", "retry_op",     "discard_op",   "copy_back",   "load_older",
                                   "mark_read",  "list_rooms",   "list_members", "retry_now",   "probe"};

constexpr const char* failures[] = {"full", "closed", "other"};

constexpr const char* outcomes[] = {"committed", "row_refused", "failed", "superseded", "damaged"};

struct client_words {
    std::string operator()(const started& f) {
        return "started with " + number(f.records.size()) + " records";
    }

    std::string operator()(const signed_in&) { return "signed_in"; }

    std::string operator()(const signed_out&) { return "signed_out"; }

    std::string operator()(const socket_opened& f) { return "socket_opened " + number(f.attempt); }

    std::string operator()(const bytes_arrived& f) { return "(" + describe_down(f.message) + ")"; }

    std::string operator()(const socket_closed& f) {
        return "socket_closed " + number(f.attempt) + " code " + number(f.code);
    }

    std::string operator()(const persisted& f) { return "persisted " + number(f.batch); }

    std::string operator()(const persist_failed& f) {
        return "persist_failed " + number(f.batch) + " " + failures[static_cast<std::size_t>(f.why)];
    }

    std::string operator()(const outbox_claimed& f) {
        return "outbox_claimed " + tail(f.outbox) + " with " + number(f.records.size()) + " records";
    }

    std::string operator()(const network_changed& f) { return f.online ? "online" : "offline"; }

    std::string operator()(const page_shown& f) { return f.visible ? "page_shown" : "page_hidden"; }

    std::string operator()(const intended& f) {
        auto words =
            "intended " + std::string(intents[static_cast<std::size_t>(f.kind)]) + " " + tail(f.room);
        if (!f.change.op.is_zero()) words += " op " + tail(f.change.op);
        if (!f.text.empty()) words += " \"" + f.text.substr(0, 24) + "\"";
        return words;
    }

    std::string operator()(const deadline_passed_fact&) { return "deadline_passed"; }

    std::string operator()(const open_socket& e) { return "open_socket " + number(e.attempt); }

    std::string operator()(const send_bytes& e) { return "send (" + describe_up(e.message) + ")"; }

    std::string operator()(const close_socket& e) { return "close_socket " + number(e.attempt); }

    std::string operator()(const persist& e) {
        return "persist " + number(e.batch) + " +" + number(e.put.size()) + " -" + number(e.drop.size());
    }

    std::string operator()(const release_outbox& e) { return "release_outbox " + tail(e.outbox); }

    std::string operator()(const forget_user&) { return "forget_user"; }

    std::string operator()(const acknowledge& e) {
        auto words = "acknowledge " + std::string(name_of(e.code));
        if (!e.change.op.is_zero()) words += " op " + tail(e.change.op);
        return words;
    }

    std::string operator()(const view_changed&) { return {}; }

    std::string operator()(const ask_sign_in& e) { return "ask_sign_in " + std::string(name_of(e.code)); }

    std::string operator()(const client_log& e) {
        return "log " + e.event + " " + (e.code == errc::none ? "" : std::string(name_of(e.code)) + " ") +
               e.message;
    }
};

std::string describe_entry(const log_entry& entry) {
    if (const auto* placed = std::get_if<placed_entry>(&entry))
        return "n" + number(placed->n) + " = " + tail(placed->event.room) + "/" + number(placed->event.seq) +
               " op " + tail(placed->event.id.op);
    if (const auto* settled = std::get_if<settled_entry>(&entry))
        return "settled " + number(settled->upto) +
               (settled->voids.empty() ? "" : " with " + number(settled->voids.size()) + " voids");
    return "epoch " + number(std::get<epoch_entry>(entry).epoch);
}

struct hub_words {
    std::string operator()(const session_opened& f) {
        return "session_opened " + number(f.session) + " of " + f.name;
    }

    std::string operator()(const message_arrived& f) {
        return "session " + number(f.session) + " (" + describe_up(f.message) + ")";
    }

    std::string operator()(const session_unsent& f) {
        return "session " + number(f.session) + " unsent " + number(f.bytes);
    }

    std::string operator()(const session_closed& f) { return "session_closed " + number(f.session); }

    std::string operator()(const logins_ended&) { return "logins_ended"; }

    std::string operator()(const appended& f) {
        std::string words = "appended";
        for (const auto& answer : f.answers)
            words +=
                " " + std::string(name_of(answer.what)) + (answer.at.seq ? " " + number(answer.at.seq) : "");
        return words;
    }

    std::string operator()(const changes_found&) { return "changes_found"; }

    std::string operator()(const log_advanced& f) {
        if (f.entries.empty() && !f.gap) return {};
        std::string words = f.gap ? "log_advanced over a gap:" : "log_advanced:";
        for (const auto& entry : f.entries)
            words += " " + describe_entry(*entry);
        return words;
    }

    std::string operator()(const query_answered& f) {
        return "query_answered " + number(f.query) +
               (std::holds_alternative<error>(f.answer) ? " failed" : "");
    }

    std::string operator()(const http_op& f) { return "http_op " + tail(f.op.id) + " of " + f.name; }

    std::string operator()(const store_state_changed& f) {
        return f.accepting ? "store takes ops" : "store takes nothing";
    }

    std::string operator()(const deadline_passed&) { return {}; }

    std::string operator()(const shutting_down&) { return "shutting_down"; }
};

std::string with_effects(std::string fact, const std::string& effects) {
    if (effects.empty()) return fact;
    return (fact.empty() ? "…" : fact) + " → " + effects;
}

void put(std::string& all, const std::string& one) {
    if (one.empty()) return;
    if (!all.empty()) all += ", ";
    all += one;
}

}  // namespace

std::string_view name_of(judgement what) {
    constexpr std::string_view names[] = {"placed", "duplicate", "conflict", "ask", "after_missing",
                                          "stale",  "busy",      "skipped",  "lost"};
    return names[static_cast<std::size_t>(what)];
}

std::string describe(const client_fact& fact, const client_effects& effects) {
    std::string done;
    for (const auto& effect : effects)
        put(done, std::visit(client_words{}, effect));
    return with_effects(std::visit(client_words{}, fact), done);
}

std::string describe(const hub_fact& fact, const hub_effects& effects) {
    std::string done;
    for (const auto& order : effects.appends)
        for (const auto& item : order.items)
            put(done, "append " + tail(item.event.id.op) + " kind " +
                          number(static_cast<std::uint64_t>(item.event.kind)) + " since " +
                          number(item.since));
    for (const auto& order : effects.finds)
        put(done, "find " + number(order.changes.size()));
    for (const auto& ask : effects.queries)
        put(done, "query " + number(ask.query));
    for (const auto& answer : effects.answers)
        put(done, "answer_http " + tail(answer.reply.op) + " outcome " +
                      number(static_cast<std::uint64_t>(answer.reply.outcome)) + " " +
                      std::string(name_of(answer.reply.code)));
    for (const auto& close : effects.closes)
        put(done, "close_session " + number(close.session));
    return with_effects(std::visit(hub_words{}, fact), done);
}

std::string describe(const committer_fact& fact, const committer_effects& effects) {
    std::string done;
    if (effects.write)
        put(done, "write " + number(effects.write->batch.events.size()) +
                      (effects.write->voided.empty() ? "" : " one of them void"));
    for (const auto& settled : effects.settles)
        put(done, "settle up to " + number(settled.upto));
    if (effects.state)
        put(done, effects.state->accepting ? "all is well" : "not accepting: " + effects.state->why);
    if (const auto* answered = std::get_if<commit_answered>(&fact))
        return with_effects(outcomes[static_cast<std::size_t>(answered->outcome.what)], done);
    if (std::holds_alternative<entries_logged>(fact))
        return with_effects(number(std::get<entries_logged>(fact).entries.size()) + " entries", done);
    return done.empty() ? done : with_effects("due", done);
}

}  // namespace parley::simulation
