#include "shared/client/upstream.hpp"

#include <utility>

namespace parley {

// A frame that alone is larger stays alone.
void upstream::move_to_next(std::size_t from) {
    if (from == 0) return;
    auto& full = messages_.back();
    bytes next(full.data() + from, full.data() + full.size());
    full.resize(from);
    messages_.push_back(std::move(next));
}

void upstream::flush(std::uint32_t attempt, client_effects& out) {
    for (auto& message : messages_)
        out.push_back(send_bytes{attempt, std::move(message)});
    messages_.clear();
}

}  // namespace parley
