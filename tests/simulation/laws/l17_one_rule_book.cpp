#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <map>
#include <optional>

namespace parley::simulation {

namespace {

/// L17: the client waits before it connects again as the backoff says, unless somebody or something asks it
/// to hurry; and the server never refuses for good what the client has found valid.
class one_rule_book final : public law {
public:
    one_rule_book(surroundings& around, chronicle& seen) : law("L17 one rule book", around, seen) {}

    void stepped(tab& where, const client_fact& fact, const client_effects& effects) override {
        const auto now_ms = where.now().mono_ms;
        auto& closed_ms = closed_[where.number()];
        if (std::holds_alternative<socket_closed>(fact)) closed_ms = now_ms;
        const bool by_time = std::holds_alternative<deadline_passed_fact>(fact);
        bool replaces = false;
        for (const auto& effect : effects) {
            if (std::holds_alternative<close_socket>(effect)) {
                closed_ms = now_ms;
                replaces = by_time;
            }
            if (!by_time || !std::holds_alternative<open_socket>(effect)) continue;
            if (replaces) {
                may_replace(where, now_ms);
                continue;
            }
            require_or(now_ms - closed_ms >= least_wait_ms || going_[where.number()], [&] {
                return where.label() + " connects again after " + std::to_string(now_ms - closed_ms) + " ms";
            });
        }
    }

    void logged(tab& where, const client_log& line) override {
        if (line.event == "going_away") going_[where.number()] = true;
        if (line.event == "welcome") going_[where.number()] = false;
    }

    void told(const seen_session& who, const wire::frame_down& frame) override {
        const auto* reply = std::get_if<wire::op_reply>(&frame);
        if (!reply || reply->outcome != outcome::rejected) return;
        const bool by_validation = reply->code == errc::malformed || reply->code == errc::too_large ||
                                   reply->code == errc::bad_text || reply->code == errc::bad_name ||
                                   reply->code == errc::empty;
        require_or(!by_validation || !seen_.story_of({who.user, reply->op}), [&] {
            return "the server finds invalid what the client found valid: " +
                   std::string(name_of(reply->code));
        });
    }

    void worker_gone(tab& where) override { closed_.erase(where.number()); }

private:
    static constexpr std::int64_t least_wait_ms = 100;  // a tenth of the shortest wait
    static constexpr std::int64_t least_probe_ms = 1'500;

    /// Who finds a connection dead on waking opens another at once, and no more often than it can ask.
    void may_replace(tab& where, std::int64_t now_ms) {
        auto& last = replaced_[where.number()];
        require_or(!last || now_ms - *last >= least_probe_ms, [&] {
            return where.label() + " replaces a connection that it replaced " +
                   std::to_string(now_ms - *last) + " ms ago";
        });
        last = now_ms;
    }

    std::map<std::uint64_t, std::optional<std::int64_t>> replaced_;
    std::map<std::uint64_t, std::int64_t> closed_;
    std::map<std::uint64_t, bool> going_;
};

}  // namespace

law_ptr make_one_rule_book(surroundings& around, chronicle& seen) {
    return std::make_unique<one_rule_book>(around, seen);
}

}  // namespace parley::simulation
