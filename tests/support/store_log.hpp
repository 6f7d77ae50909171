#pragma once

#include "server/store/store.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace parley::testing {

struct person {
    user_id id;
    std::string name;
};

inline const person ann{user_id{{1, 1}}, "ann"};
inline const person bob{user_id{{1, 2}}, "bob"};
inline const person eve{user_id{{1, 3}}, "eve"};

/// What a backbone would give to the committer: entries with their places, in one epoch.
class store_log {
public:
    explicit store_log(room_store& store, std::int64_t wall_ms = 1'700'000'000'000)
        : store_log(store, epoch_given{store.raise_epoch(wall_ms, 7).value()}) {}

    /// In an epoch that somebody else has begun.
    struct epoch_given {
        std::uint64_t epoch = 0;
    };

    store_log(room_store& store, epoch_given given) : store_(store), epoch_(given.epoch) {
        heads_[general_room] = store.load_room(general_room)->head;
    }

    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

    log_entry_ptr create(room_id room, const person& by, std::string name, std::string topic = {}) {
        return place(room, by, change_kind::create, std::move(name), std::move(topic));
    }

    log_entry_ptr join(room_id room, const person& by) { return place(room, by, change_kind::join); }

    log_entry_ptr leave(room_id room, const person& by) { return place(room, by, change_kind::leave); }

    log_entry_ptr say(room_id room, const person& by, std::string text) {
        return place(room, by, change_kind::message, {}, std::move(text));
    }

    /// The same change once more, at a place of its own.
    log_entry_ptr repeat(const log_entry_ptr& of, room_id room, std::uint64_t hash) {
        auto again = std::get<placed_entry>(*of);
        again.event.room = room;
        again.hash = hash;
        return put(std::move(again));
    }

    /// An event with these very contents, but for its place.
    log_entry_ptr put(placed_entry entry) {
        entry.n = ++n_;
        entry.event.seq = ++heads_[entry.event.room];
        entry.event.epoch = epoch_;
        return std::make_shared<const log_entry>(std::move(entry));
    }

    [[nodiscard]] commit_batch batch(std::vector<log_entry_ptr> events,
                                     std::vector<read_mark> marks = {}) const {
        const auto behind = events.empty() ? 0 : std::get<placed_entry>(*events.front()).n - 1;
        return {epoch_, behind, std::move(events), std::move(marks)};
    }

    commit_outcome write(std::vector<log_entry_ptr> events, std::vector<read_mark> marks = {},
                         std::span<const settled_void> voided = {}) {
        return store_.commit(batch(std::move(events), std::move(marks)), voided);
    }

private:
    log_entry_ptr place(room_id room, const person& by, change_kind kind, std::string name = {},
                        std::string text = {}) {
        placed_entry entry;
        entry.hash = 0xf000'0000'0000'0000u + ++ops_;
        entry.fences = kind == change_kind::leave;
        auto& event = entry.event;
        event.room = room;
        event.id = {by.id, op_id{{epoch_, ops_}}};
        event.author_name = by.name;
        event.time_ms = 1'700'000'000'000 + static_cast<std::int64_t>(ops_);
        event.kind = kind;
        event.name = std::move(name);
        event.text = std::move(text);
        return put(std::move(entry));
    }

    room_store& store_;
    std::uint64_t epoch_;
    std::uint64_t n_ = 0;
    std::uint64_t ops_ = 0;
    std::map<room_id, std::uint64_t> heads_;
};

/// What is wrong with `general` as a store has it, if it was made and then talked in: empty if it is dense,
/// whole and goes at least as far as was acknowledged.
inline std::string flaw_of_log(room_store& store, std::uint64_t acknowledged) {
    const auto head = store.load_room(general_room)->head;
    if (head < acknowledged)
        return std::to_string(acknowledged) + " was acknowledged, " + std::to_string(head) + " is the head";
    std::uint64_t seq = 0;
    while (seq < head) {
        const auto page = store.read_after(general_room, seq, 1000).value();
        if (page.events.empty()) return "nothing after " + std::to_string(seq);
        for (const auto& event : page.events) {
            const bool good = event.seq == ++seq &&
                              event.kind == (seq == 1 ? change_kind::create : change_kind::message) &&
                              event.text.empty() == (seq == 1);
            if (!good) return "not what was written at " + std::to_string(seq);
        }
    }
    return {};
}

inline const wire::event& event_of(const log_entry_ptr& entry) {
    return std::get<placed_entry>(*entry).event;
}

inline bool same_event(const wire::event& a, const wire::event& b) {
    return a.room == b.room && a.seq == b.seq && a.epoch == b.epoch && a.id == b.id &&
           a.author_name == b.author_name && a.time_ms == b.time_ms && a.kind == b.kind && a.name == b.name &&
           a.text == b.text && a.code == b.code && a.duplicate_of == b.duplicate_of;
}

}  // namespace parley::testing
