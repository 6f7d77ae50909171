#pragma once

#include "shared/base/limits.hpp"
#include "shared/client/client.hpp"
#include "shared/wire/codec.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace parley {

/// The frames of one step, packed into as few messages as they fit.
class upstream {
public:
    template <class Frame>
    void say(const Frame& frame) {
        if (messages_.empty()) messages_.emplace_back();
        const auto before = messages_.back().size();
        wire::append(messages_.back(), frame);
        if (messages_.back().size() > limits::outgoing_bytes) move_to_next(before);
    }

    void flush(std::uint32_t attempt, client_effects& out);

    void clear() { messages_.clear(); }

private:
    void move_to_next(std::size_t from);

    std::vector<bytes> messages_;
};

}  // namespace parley
