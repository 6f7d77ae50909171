#pragma once

#include "tests/bench/fleet.hpp"
#include "tests/bench/poller.hpp"
#include "tests/bench/process.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

namespace parley::bench {

/// Runs a fleet. `Dialect` is how to talk to this kind of server:
///
///     void upgraded(link&)                            the 101 has come
///     void read(link&, byte_view message, engine&)    → saw_event, saw_watermark
///     byte_view op(link&, std::uint64_t number)       the next message of this member
template <class Dialect>
class engine final : public fleet {
public:
    engine(const target& to, Dialect speaks)
        : dialect{std::move(speaks)}, sockets{to.port}, server_{to.process} {}

    figures keep_in_flight(std::uint32_t in_flight, completed_when when, std::chrono::milliseconds warm_up,
                           std::chrono::milliseconds measured) override;
    figures keep_rate(std::uint32_t per_second, std::chrono::milliseconds measured) override;

    /// Waits for something to happen and acts on it.
    void turn(std::chrono::milliseconds at_most = std::chrono::milliseconds{100});

    /// Turns until `done`; throws `run_failed` with `what` when nothing has changed for ten seconds.
    void turn_until(const std::string& what, const std::function<bool()>& done);

    void saw_event(link& by, std::uint64_t seq, std::uint64_t number);
    void saw_watermark(link& by, std::uint64_t settled);
    /// The server takes no more for now: the same op is offered again later.
    void saw_busy(link& by, std::uint64_t number, std::uint32_t retry_ms);

    Dialect dialect;
    poller sockets;
    std::vector<room_under_load> rooms;

private:
    struct sent_message {
        std::uint64_t at = 0;
        std::uint32_t by = 0;
    };

    struct refused_message {
        std::uint64_t again_at;
        link* by;
        std::uint64_t number;
    };

    static constexpr std::size_t remembered = 1 << 17;
    static constexpr std::size_t most_latencies = 4'000'000;

    void begin(completed_when when, bool every_latency);
    void begin_window();
    figures end_window();
    void drain();
    void send_next(room_under_load& room);
    void offer_again();
    void completed(room_under_load& room);

    pid_t server_;
    completed_when when_ = completed_when::everyone_has_it;
    bool measuring_ = false;
    bool refilling_ = false;
    bool every_latency_ = false;
    bool sampled_ = false;  ///< in this receive
    std::uint64_t received_at_ = 0;
    std::uint64_t next_number_ = 1;
    std::uint64_t progress_ = 0;
    std::vector<sent_message> sent_ = std::vector<sent_message>(remembered);
    std::vector<room_under_load*> refill_;
    std::vector<refused_message> refused_;
    figures seen_;
    std::uint64_t window_began_ = 0;
};

template <class Dialect>
void engine<Dialect>::turn(std::chrono::milliseconds at_most) {
    for (const auto& event : sockets.wait(at_most)) {
        auto& link = *static_cast<struct link*>(event.data.ptr);
        if ((event.events & EPOLLOUT) != 0) {
            sockets.flush(link);
        }
        if ((event.events & ~std::uint32_t{EPOLLOUT}) == 0) {
            continue;
        }
        const auto input = sockets.receive(link);
        if (input.empty()) {
            continue;
        }
        received_at_ = now_ns();
        sampled_ = false;
        ++progress_;
        ++seen_.receives;
        const bool was_upgraded = link.upgraded;
        sockets.cut(link, input,
                    [this](struct link& by, byte_view message) { dialect.read(by, message, *this); });
        if (!was_upgraded && link.upgraded) {
            dialect.upgraded(link, *this);
        }
    }
    for (auto* room : std::exchange(refill_, {})) {
        send_next(*room);
    }
    offer_again();
}

template <class Dialect>
void engine<Dialect>::saw_busy(link& by, std::uint64_t number, std::uint32_t retry_ms) {
    constexpr std::uint32_t patience_ms = 20;
    ++seen_.busy_refusals;
    refused_.push_back({now_ns() + 1'000'000u * std::max(retry_ms, patience_ms), &by, number});
}

template <class Dialect>
void engine<Dialect>::offer_again() {
    if (refused_.empty()) {
        return;
    }
    const auto due = std::partition(refused_.begin(), refused_.end(),
                                    [now = now_ns()](const auto& each) { return each.again_at > now; });
    for (auto each = due; each != refused_.end(); ++each) {
        sockets.write_message(*each->by, dialect.op(*each->by, each->number));
    }
    refused_.erase(due, refused_.end());
}

template <class Dialect>
void engine<Dialect>::turn_until(const std::string& what, const std::function<bool()>& done) {
    constexpr std::uint64_t patience_ns = 10'000'000'000u;
    auto progress = progress_;
    auto deadline = now_ns() + patience_ns;
    while (!done()) {
        turn();
        if (progress != progress_) {
            progress = progress_;
            deadline = now_ns() + patience_ns;
        } else if (now_ns() > deadline) {
            throw run_failed(what + ": nothing came for ten seconds");
        }
    }
}

template <class Dialect>
void engine<Dialect>::saw_event(link& by, std::uint64_t seq, std::uint64_t number) {
    if (by.room == nullptr) {
        return;
    }
    if (seq != by.last_seq + 1) {
        throw run_failed("connection " + std::to_string(by.number) + " got place " + std::to_string(seq) +
                         " after " + std::to_string(by.last_seq));
    }
    by.last_seq = seq;
    if (!measuring_ || by.apart) {
        return;
    }
    ++seen_.deliveries;
    const auto& sent = sent_[number % remembered];
    if (every_latency_ || !sampled_) {
        sampled_ = true;
        if (seen_.received_ns.size() < most_latencies) {
            seen_.received_ns.push_back(static_cast<std::uint32_t>(received_at_ - sent.at));
        }
        if (sent.by == by.number) {
            by.unstored.push_back({seq, sent.at});
        }
    }
    if (when_ == completed_when::everyone_has_it) {
        auto& receivers = by.room->receivers[seq % by.room->receivers.size()];
        if (++receivers == by.room->members.size()) {
            receivers = 0;
            completed(*by.room);
        }
    }
}

template <class Dialect>
void engine<Dialect>::saw_watermark(link& by, std::uint64_t settled) {
    if (settled <= by.settled) {
        return;
    }
    const auto newly = settled - by.settled;
    by.settled = settled;
    if (!measuring_ || by.apart) {
        return;
    }
    std::size_t stored = 0;
    while (stored < by.unstored.size() && by.unstored[stored].seq <= settled) {
        if (seen_.stored_ns.size() < most_latencies) {
            seen_.stored_ns.push_back(static_cast<std::uint32_t>(received_at_ - by.unstored[stored].sent_at));
        }
        ++stored;
    }
    by.unstored.erase(by.unstored.begin(), by.unstored.begin() + static_cast<std::ptrdiff_t>(stored));
    if (when_ == completed_when::it_is_stored) {
        for (std::uint64_t i = 0; i < newly; ++i) {
            completed(*by.room);
        }
    }
}

template <class Dialect>
void engine<Dialect>::completed(room_under_load& room) {
    ++seen_.messages;
    --room.in_flight;
    if (refilling_) {
        refill_.push_back(&room);
    }
}

template <class Dialect>
void engine<Dialect>::send_next(room_under_load& room) {
    auto& sender = *room.members[room.next_sender];
    room.next_sender = (room.next_sender + 1) % room.members.size();
    ++room.in_flight;
    const auto number = next_number_++;
    sent_[number % remembered] = {now_ns(), sender.number};
    sockets.write_message(sender, dialect.op(sender, number));
}

template <class Dialect>
figures engine<Dialect>::keep_in_flight(std::uint32_t in_flight, completed_when when,
                                        std::chrono::milliseconds warm_up,
                                        std::chrono::milliseconds measured) {
    begin(when, false);
    refilling_ = true;
    for (auto& room : rooms) {
        for (std::uint32_t i = 0; i < in_flight; ++i) {
            send_next(room);
        }
    }
    const auto ends_after = [this](std::chrono::nanoseconds time) {
        return [this, end = now_ns() + static_cast<std::uint64_t>(time.count())] { return now_ns() >= end; };
    };
    turn_until("warming up", ends_after(warm_up));
    begin_window();
    turn_until("measuring", ends_after(measured));
    auto result = end_window();
    drain();
    return result;
}

template <class Dialect>
figures engine<Dialect>::keep_rate(std::uint32_t per_second, std::chrono::milliseconds measured) {
    begin(completed_when::everyone_has_it, true);
    begin_window();
    const auto spacing = 1'000'000'000u / per_second;
    const auto end = now_ns() + static_cast<std::uint64_t>(std::chrono::nanoseconds{measured}.count());
    std::size_t next_room = 0;
    for (auto due = now_ns(); due < end;) {
        // Looks again and again instead of sleeping: a timer would wake it late, and the core is its own.
        turn(std::chrono::milliseconds{0});
        if (now_ns() >= due) {
            send_next(rooms[next_room++ % rooms.size()]);
            due += spacing;
        }
    }
    auto result = end_window();
    drain();
    return result;
}

template <class Dialect>
void engine<Dialect>::begin(completed_when when, bool every_latency) {
    const auto level = [](const room_under_load& room) {
        for (const auto* member : room.members) {
            if (member->last_seq != room.members.front()->last_seq) {
                return false;
            }
        }
        return true;
    };
    turn_until("getting level", [&] { return std::all_of(rooms.begin(), rooms.end(), level); });
    when_ = when;
    every_latency_ = every_latency;
    measuring_ = true;
    seen_ = {};
}

template <class Dialect>
void engine<Dialect>::begin_window() {
    seen_ = {};
    seen_.server_cpu_ns = cpu_ns_of(server_);
    seen_.own_cpu_ns = cpu_ns_of(getpid());
    window_began_ = now_ns();
}

template <class Dialect>
figures engine<Dialect>::end_window() {
    seen_.seconds = static_cast<double>(now_ns() - window_began_) / 1e9;
    seen_.server_cpu_ns = cpu_ns_of(server_) - seen_.server_cpu_ns;
    seen_.own_cpu_ns = cpu_ns_of(getpid()) - seen_.own_cpu_ns;
    return std::exchange(seen_, {});
}

template <class Dialect>
void engine<Dialect>::drain() {
    refilling_ = false;
    refill_.clear();
    turn_until("draining", [this] {
        return std::all_of(rooms.begin(), rooms.end(), [](const auto& room) { return room.in_flight == 0; });
    });
    measuring_ = false;
    for (const auto& link : sockets.links()) {
        link->unstored.clear();
    }
}

}  // namespace parley::bench
