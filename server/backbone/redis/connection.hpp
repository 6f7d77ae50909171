#pragma once

#include "server/backbone/redis/address.hpp"
#include "shared/base/errors.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace parley::redis {

/// What Redis answers.
struct reply {
    enum class kind : std::uint8_t { nothing, text, number, list, refusal };
    kind what = kind::nothing;
    std::string text;  ///< of a refusal too: "OOM command not allowed…"
    std::int64_t number = 0;
    std::vector<reply> list;

    [[nodiscard]] bool is(std::string_view said) const { return what == kind::text && text == said; }

    [[nodiscard]] bool refuses(std::string_view begin) const {
        return what == kind::refusal && text.starts_with(begin);
    }
};

/// One blocking connection, made at the first call and again after any failure. Of one thread; `interrupt`
/// may come from any. The process must ignore SIGPIPE.
class connection {
public:
    explicit connection(address where);
    ~connection();

    /// Fails with `unavailable` if no answer came within 3 s: nobody knows then whether it was carried out.
    /// `detail` says why in one line. A refusal of Redis is an answer.
    [[nodiscard]] result<reply> call(std::span<const std::string_view> words);

    [[nodiscard]] result<reply> call(std::initializer_list<std::string_view> words) {
        return call(std::span{words.begin(), words.size()});
    }

    void close();

    /// Ends the call under way, if there is one, and all later ones.
    void interrupt();

    [[nodiscard]] const address& where() const;

    /// How often it had to be made.
    [[nodiscard]] std::uint64_t times_made() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace parley::redis
