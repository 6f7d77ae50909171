#include "shared/base/limits.hpp"
#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <map>
#include <optional>

namespace parley::simulation {

namespace {

/// L11: a resume goes on from the cursor without a gap, or is an explicit snapshot, and that only where the
/// cursor is of no use; from then on each place follows the last one.
class resume final : public law {
public:
    resume(surroundings& around, chronicle& seen) : law("L11 resume", around, seen) {}

    void heard(const seen_session& who, const wire::frame_up& frame) override {
        if (const auto* sub = std::get_if<wire::subscribe>(&frame)) {
            auto& f = followed_[{who.handle, sub->room}];
            f.cursors[sub->request] = {sub->seq, sub->epoch};
        }
        if (const auto* end = std::get_if<wire::unsubscribe>(&frame))
            followed_[{who.handle, end->room}].last.reset();
    }

    void told(const seen_session& who, const wire::frame_down& frame) override {
        if (const auto* page = std::get_if<wire::page>(&frame)) begin(who, *page);
        if (const auto* event = std::get_if<wire::event>(&frame)) follow(who, *event);
        if (const auto* cut = std::get_if<wire::truncated>(&frame)) {
            auto& f = followed_[{who.handle, cut->room}];
            if (f.last && *f.last > cut->after) f.last = cut->after;
        }
        if (const auto* end = std::get_if<wire::behind>(&frame))
            followed_[{who.handle, end->room}].last.reset();
        const auto* room = std::get_if<wire::room>(&frame);
        if (room && !room->joined) followed_[{who.handle, room->id}].last.reset();
    }

    void session_ended(const seen_session& who) override {
        followed_.erase(followed_.lower_bound({who.handle, room_id{}}),
                        followed_.lower_bound({who.handle + 1, room_id{}}));
    }

private:
    struct cursor {
        std::uint64_t seq = 0, epoch = 0;
    };

    struct following {
        std::map<std::uint32_t, cursor> cursors;
        std::optional<std::uint64_t> last;  ///< the place told last
    };

    void begin(const seen_session& who, const wire::page& page) {
        auto& f = followed_[{who.handle, page.room}];
        const auto asked = f.cursors.find(page.request);
        if (asked == f.cursors.end()) return;
        const auto from = asked->second;
        if (page.fresh) {
            require_or(!useful(page.room, from), [&] {
                return "a snapshot of a room was told though the cursor " + std::to_string(from.seq) +
                       " is good";
            });
        } else {
            require_or(page.from == from.seq, [&] {
                return "a resume goes on from " + std::to_string(page.from) + " and not from the cursor " +
                       std::to_string(from.seq);
            });
            require_or(of_this_history(page.room, from), [&] {
                return "a resume goes on from a cursor of another history at " + std::to_string(from.seq);
            });
        }
        f.last = page.from;
    }

    [[nodiscard]] bool of_this_history(room_id room, const cursor& at) const {
        const auto& log = seen_.history(room);
        return at.seq >= 1 && at.seq <= log.size() && log[at.seq - 1].event.epoch == at.epoch;
    }

    /// Beyond doubt: near, of this history, and not too much to tell. Hubs that are behind tell less than the
    /// store has.
    [[nodiscard]] bool useful(room_id room, const cursor& at) const {
        if (seen_.restores() > 0 || !of_this_history(room, at)) return false;
        const auto& log = seen_.history(room);
        if (log.size() - at.seq > limits::resume_events) return false;
        std::size_t bytes = 0;
        for (auto seq = at.seq; seq < log.size(); ++seq)
            bytes += log[seq].event.text.size();
        return bytes <= limits::resume_bytes;
    }

    void follow(const seen_session& who, const wire::event& event) {
        const auto at = followed_.find({who.handle, event.room});
        if (at == followed_.end() || !at->second.last) return;
        auto& last = *at->second.last;
        if (event.seq <= last) return;  // history, or a repeat
        require_or(event.seq == last + 1, [&] {
            return "a session is told place " + std::to_string(event.seq) + " after " + std::to_string(last);
        });
        last = event.seq;
    }

    std::map<std::pair<std::uint64_t, room_id>, following> followed_;
};

}  // namespace

law_ptr make_resume(surroundings& around, chronicle& seen) {
    return std::make_unique<resume>(around, seen);
}

}  // namespace parley::simulation
