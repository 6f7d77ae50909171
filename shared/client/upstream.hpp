#pragma once

#include "shared/base/limits.hpp"
#include "shared/client/client.hpp"
#include "shared/wire/codec.hpp"

#include <utility>
#include <vector>

namespace parley {

/// The frames of one step, packed into as few messages as they fit.
class upstream {
public:
    template <class Frame>
    void say(const Frame& frame) {
        bytes one;
        wire::append(one, frame);
        if (messages_.empty() || messages_.back().size() + one.size() > limits::outgoing_bytes) {
            messages_.push_back(std::move(one));
            return;
        }
        messages_.back().insert(messages_.back().end(), one.begin(), one.end());
    }

    void flush(std::uint32_t attempt, client_effects& out) {
        for (auto& message : messages_)
            out.push_back(send_bytes{attempt, std::move(message)});
        messages_.clear();
    }

    void clear() { messages_.clear(); }

private:
    std::vector<bytes> messages_;
};

}  // namespace parley
